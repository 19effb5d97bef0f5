package detail

import (
	"strings"
	"time"

	"detour/ui/pane"
)

// A Probe is what asking a host by itself came to.
type Probe struct {
	At   time.Time
	Kind string // "probe" or "counterfactual"
	Text string // lines; the first one sums up
}

// title is the head of a probe's text.
func (p *Probe) title() string {
	return strings.ToUpper(p.Kind[:1]) + p.Kind[1:] + " at " + p.At.Format("15:04:05")
}

// probeLines say what the probe of a flow's host came to.
func probeLines(p *pane.Page, x *Probe) {
	if x == nil {
		return
	}
	p.Head(x.title())
	for i, l := range strings.Split(strings.TrimRight(x.Text, "\n"), "\n") {
		if i == 0 {
			p.Add("", l, pane.Accent)
			continue
		}
		p.AddBody(l)
	}
}

// ProbeText is a probe as it is copied: with whose it is.
func ProbeText(x *Probe, authority string) string {
	var p pane.Page
	probeLines(&p, x)
	p[0].Text += " of " + authority
	return pane.PlainText(p)
}

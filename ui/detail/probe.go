package detail

import (
	"strings"
	"time"

	"detour/ui/pane"
)

// A Probe is the result of probing a host.
type Probe struct {
	At   time.Time
	Kind string // "probe" or "counterfactual"
	Text string // lines, of which the first sums up
}

// title is the heading of a probe.
func (p *Probe) title() string {
	return strings.ToUpper(p.Kind[:1]) + p.Kind[1:] + " at " + p.At.Format("15:04:05")
}

// probeLines are the result of the probe of a flow's host.
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

// ProbeText is a probe as it is copied, with the host that it is of.
func ProbeText(x *Probe, authority string) string {
	var p pane.Page
	probeLines(&p, x)
	p[0].Text += " of " + authority
	return pane.PlainText(p)
}

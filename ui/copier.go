package ui

import (
	"fmt"
	"strings"

	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/detail"
	"detour/ui/pane"
	"detour/ui/table"
)

// A copier copies rows, findings and comparisons.
type copier struct{ *comparer }

// startCopy asks for the format in which to copy the row, the finding or the comparison.
func (y *copier) startCopy() {
	if y.focus == onCompared {
		y.copyCompared()
		return
	}
	if y.focus == onFindings {
		f := y.m.findings[y.finding]
		y.menu = &menu{"copy the finding as", []choice{
			{"yt", "text", func() { y.copy("the finding", detail.FindingText(f)) }},
			{"m", "Markdown", func() { y.copy("the finding as Markdown", diagnose.Markdown(f)) }},
			{"j", "JSON", func() { y.copy("the finding as JSON", detail.JSON(f.Record())) }},
		}}
		return
	}
	f := y.whole(y.shown())
	name := fmt.Sprintf("#%d", f.ID)
	m := &menu{"copy " + name + " as", []choice{
		{"yt", "text", func() { y.copy("the details of "+name, pane.PlainText(detail.Facts(f, y.m.about(f), y.m.now))) }},
		{"c", "curl", func() { y.copyCurl(f) }},
		{"j", "JSON record", func() { y.copyRecord(f) }},
	}}
	if y.second == onDetail {
		t := y.tabs[y.tab]
		m.choices = append(m.choices, choice{"p", "this tab", func() {
			x := detail.Subject{Flow: f, Findings: y.m.about(f), Now: y.m.now, Step: y.m.stepOf(f), Probe: y.probed[table.Host(f)]}
			y.copy(fmt.Sprintf("the tab %s of %s", t.Name, name), pane.PlainText(t.Page(x)))
		}})
	}
	if x := y.probed[table.Host(f)]; x != nil {
		m.choices = append(m.choices, choice{"r", "the " + x.Kind, func() {
			y.copy("the "+x.Kind+" of "+authorityOf(f), detail.ProbeText(x, authorityOf(f)))
		}})
	}
	y.menu = m
}

func (y *copier) copyCurl(f *flow.Flow) {
	s, lacks, err := detail.Curl(f)
	if err != nil {
		y.notify(pane.Warn, "copy #%d: %v", f.ID, err)
		return
	}
	what := fmt.Sprintf("#%d as curl", f.ID)
	if lacks != "" {
		what += " without " + lacks
	}
	y.copy(what+", secrets redacted", s)
}

// maxCopied is how many bytes of bodies are copied to a clipboard.
const maxCopied = 1 << 20

func (y *copier) copyRecord(f *flow.Flow) {
	what := fmt.Sprintf("the record of #%d", f.ID)
	n := len(f.Request.Body)
	if f.Response != nil {
		n += len(f.Response.Body)
	}
	if n > maxCopied {
		bare := *f
		bare.DropBodies()
		f, what = &bare, what+" without its bodies ("+wording.Bytes(int64(n))+", too large)"
	}
	y.copy(what, detail.JSON(f.Record()))
}

// copy copies s to the clipboard, and reports it.
func (c *screenState) copy(what, s string) {
	lines := wording.Count(strings.Count(s, "\n"), "line")
	if c.act.Copy == nil {
		c.screen.SetClipboard([]byte(s))
		c.notify(pane.Good, "sent %s, %s, with OSC 52; not every terminal supports it", what, lines)
		return
	}
	if err := c.act.Copy(s); err != nil {
		c.notify(pane.Bad, "copy: %v", err)
		return
	}
	c.notify(pane.Good, "copied %s, %s", what, lines)
}

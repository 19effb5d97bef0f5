package ui

import (
	"fmt"
	"strings"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/detail"
	"detour/ui/pane"
)

// startCopy asks for the format in which to copy the row, the finding or the comparison.
func (a *app) startCopy() {
	switch a.panes.focus { //nolint:exhaustive // the rest copies the row
	case onCompared:
		a.diff.copy()
		return
	case onMessages:
		a.copy("the messages", pane.PlainText(a.notices.Lines(nil)))
		return
	}
	if a.panes.focus == onFindings {
		f := a.m.findings[a.panes.finding]
		a.prompts.menu = &menu{"copy the finding as", []choice{
			{"yt", "text", func() { a.copy("the finding", detail.FindingText(f)) }},
			{"m", "Markdown", func() { a.copy("the finding as Markdown", finding.Markdown(f)) }},
			{"j", "JSON", func() { a.copy("the finding as JSON", detail.JSON(f.Record())) }},
		}}
		return
	}
	f := a.whole(a.shown())
	name := fmt.Sprintf("#%d", f.ID)
	m := &menu{"copy " + name + " as", []choice{
		{"yt", "text", func() { a.copy("the details of "+name, pane.PlainText(detail.Facts(f, a.m.about(f), a.m.now))) }},
		{"c", "curl", func() { copyCurl(a.screenState, f) }},
		{"j", "JSON record", func() { copyRecord(a.screenState, f) }},
	}}
	if a.panes.second == onDetail {
		t := a.panes.tabs[a.panes.tab]
		m.choices = append(m.choices, choice{"p", "this tab", func() {
			x := detail.Subject{Flow: f, Findings: a.m.about(f), Now: a.m.now, Step: a.m.stepOf(f), Probe: a.probes.of(f)}
			a.copy(fmt.Sprintf("the tab %s of %s", t.Name, name), pane.PlainText(t.Page(x)))
		}})
	}
	if x := a.probes.of(f); x != nil {
		m.choices = append(m.choices, choice{"r", "the " + x.Kind, func() {
			a.copy("the "+x.Kind+" of "+authorityOf(f), detail.ProbeText(x, authorityOf(f)))
		}})
	}
	a.prompts.menu = m
}

func copyCurl(state *screenState, f *flow.Flow) {
	s, lacks, err := detail.Curl(f)
	if err != nil {
		state.notify(pane.Warn, "copy #%d: %v", f.ID, err)
		return
	}
	what := fmt.Sprintf("#%d as curl", f.ID)
	if lacks != "" {
		what += " without " + lacks
	}
	state.copy(what+", secrets redacted", s)
}

// maxCopied is how many bytes of bodies are copied to a clipboard.
const maxCopied = 1 << 20

func copyRecord(state *screenState, f *flow.Flow) {
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
	state.copy(what, detail.JSON(f.Record()))
}

// copy copies content to the clipboard, and reports it.
func (s *screenState) copy(what, content string) {
	lines := wording.Count(strings.Count(content, "\n"), "line")
	if s.act.Copy == nil {
		s.screen.SetClipboard([]byte(content))
		s.notify(pane.Good, "sent %s, %s, with OSC 52; not every terminal supports it", what, lines)
		return
	}
	if err := s.act.Copy(content); err != nil {
		s.notify(pane.Bad, "copy: %v", err)
		return
	}
	s.notify(pane.Good, "copied %s, %s", what, lines)
}

func (a *app) nothingToCopy() string {
	switch a.panes.focus {
	case onFindings:
		return a.noFinding()
	case onCompared, onMessages:
		return ""
	case onTable, onGroups, onDetail:
	}
	return a.noRow()
}

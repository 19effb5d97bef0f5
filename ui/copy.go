package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"detour/internal/curl"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/detail"
	"detour/ui/pane"
	"detour/ui/table"
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
			{"m", "Markdown", func() { a.copy("the finding as Markdown", detail.FindingMarkdown(f)) }},
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
			a.copy("the "+x.Kind+" of "+table.Authority(f), detail.ProbeText(x, table.Authority(f)))
		}})
	}
	a.prompts.menu = m
}

func copyCurl(state *screenState, f *flow.Flow) {
	s, lacks, err := curl.Command(f, state.opt.Shell)
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

// maxOSC52 is how many bytes are sent to the terminal's clipboard: many terminals take escape
// sequences of 100,000 bytes at most, and base64 makes 4 of 3.
const maxOSC52 = 74_994

// copy copies content with the system's programs and to the terminal's clipboard, and says
// which took it.
func (s *screenState) copy(what, content string) {
	s.copied = content
	what += ", " + wording.Count(strings.Count(content, "\n"), "line")
	if len(content) <= maxOSC52 {
		s.screen.SetClipboard([]byte(content))
	}
	if s.act.Copy == nil {
		s.reportCopy(what, len(content), nil)
		return
	}
	s.tasks.Aside(func(ctx context.Context) func() {
		by := s.act.Copy(ctx, content)
		return func() { s.reportCopy(what, len(content), by) }
	})
}

// reportCopy says how something was copied.
func (s *screenState) reportCopy(what string, size int, by []string) {
	const show = "Y shows it, to select it"
	long := size > maxOSC52
	switch {
	case long && len(by) == 0:
		s.notify(pane.Warn, "%s, isn't copied: %s is too long for OSC 52; %s", what, wording.Bytes(int64(size)), show)
	case long:
		s.notify(pane.Good, "copied %s, by %s (too long for OSC 52)", what, wording.List(by))
	case len(by) == 0:
		s.notify(pane.Good, "sent %s, by OSC 52, which not every terminal supports; %s", what, show)
	default:
		s.notify(pane.Good, "copied %s, by %s", what, wording.List(append(by, "OSC 52")))
	}
}

// showCopied writes what was copied last to the terminal itself, so that its long lines can be
// selected whole.
func (a *app) showCopied() {
	lines := strings.SplitAfter(a.copied, "\n")
	for i, l := range lines {
		bare := strings.TrimSuffix(l, "\n")
		lines[i] = a.panes.reading.Clean(bare) + l[len(bare):]
	}
	if err := a.showOutside(strings.Join(lines, "")); err != nil {
		a.notify(pane.Warn, "Y: %v", err)
	}
}

// showOutside writes text to the terminal itself, and returns when the person has read it.
func (a *app) showOutside(text string) (err error) {
	if a.act.Print == nil {
		return errors.New(noOutside)
	}
	if !a.tv.Suspend(func() { err = a.act.Print(a.tasks.Context(), text) }) {
		return nil // the terminal is gone, which PollEvent reports
	}
	a.screen.Sync() // redraw over what was written in the meantime
	return err
}

// noOutside says that there is no terminal but the table.
const noOutside = "text can't be shown outside the table here"

func (a *app) nothingCopied() string {
	switch {
	case a.act.Print == nil:
		return noOutside
	case a.copied == "":
		return "nothing was copied yet: y copies"
	}
	return ""
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

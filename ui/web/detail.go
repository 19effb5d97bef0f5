package web

import (
	"encoding/json"
	"time"

	"detour/internal/flow"
	"detour/ui/detail"
	"detour/ui/pane"
	"detour/ui/table"
	"detour/ui/text"
)

// A flowDetail is all the details of a flow, as the terminal's tabs have them.
type flowDetail struct {
	ID       flow.ID  `json:"id"`
	Rev      uint32   `json:"rev"`
	Title    string   `json:"title"` // the call
	Result   string   `json:"result"`
	Tone     string   `json:"tone"`
	Open     bool     `json:"open,omitempty"`
	Tabs     []tab    `json:"tabs"`
	Phases   []phase  `json:"phases,omitempty"`
	MS       float64  `json:"ms"`
	Findings []string `json:"findings,omitempty"` // codes of those that list it
}

type tab struct {
	Name  string `json:"name"`
	Lines []line `json:"lines"`
}

// A line is the tone, the label and the text of a line. The tone is "head" of a heading and
// "body" of a line of a body; these have no label.
type line [3]string

// Detail returns a flow's details, as JSON. The flow is masked already. fs are the findings that
// list it.
func (p *Page) Detail(f *flow.Flow, fs []flow.Finding, now time.Time) []byte {
	now = now.In(p.zone)
	r := table.Row{Flow: f, Now: now}
	x := flowDetail{
		ID: f.ID, Rev: f.Rev, Title: clean(p.name(table.Call(f)), text.MaxCell), Open: !f.Final(),
		Phases: phasesOf(f, now), MS: flow.MS(max(0, table.Elapsed(f, now))),
	}
	if c, ok := table.ColumnNamed("result"); ok {
		s, tone := c.Cell(r)
		x.Result, x.Tone = p.name(s), string(letter(tone))
	}
	for _, finding := range fs {
		x.Findings = append(x.Findings, finding.Code)
	}
	subject := detail.Subject{Flow: f, Findings: fs, Now: now}
	for _, t := range detail.Tabs() {
		x.Tabs = append(x.Tabs, tab{t.Name, p.lines(t.Page(subject))})
	}
	b, err := json.Marshal(x)
	if err != nil {
		return []byte("{}") // it can't: there are no maps, cycles or infinite numbers
	}
	return b
}

func (p *Page) lines(page pane.Page) []line {
	out := make([]line, 0, len(page))
	for _, l := range page {
		if l.Tone == pane.Head && l.Text == detail.TimingsHead {
			break // the page draws these, from the phases
		}
		label, s := l.Shown()
		s = p.name(s)
		switch l.Tone { //nolint:exhaustive // the others have a letter
		case pane.Head:
			out = append(out, line{"head", "", s})
		case pane.Body:
			out = append(out, line{"body", "", s})
		default:
			out = append(out, line{string(letter(l.Tone)), label, s})
		}
	}
	return out
}

// clean returns at most n bytes of a foreign text, safe to show.
func clean(s string, n int) string {
	s, cut := text.Head(s, n)
	if cut {
		s += text.Ellipsis
	}
	return text.Clean(s)
}

package web

import (
	"encoding/json"
	"time"

	"detour/internal/flow"
	"detour/ui/pane"
	"detour/ui/table"
)

const (
	maxNote    = 200 // bytes of a note, and of a group's key, that a row has
	groupWidth = 28  // the least width of a group's key, in cells
)

// A row is a flow as the page's table shows it. The cells are those of the document's columns,
// in their order; a letter of tones is each cell's tone.
type row struct {
	ID     flow.ID `json:"id"`
	Rev    uint32  `json:"rev"`
	At     float64 `json:"at"`             // when it started, in milliseconds since 1970; 0: not known
	MS     float64 `json:"ms"`             // how long it took, or has taken so far
	Open   bool    `json:"open,omitempty"` // it isn't finished
	Cells  []any   `json:"cells"`          // a text, or a short form of it and the whole
	Tones  string  `json:"tones"`
	Rank   int     `json:"rank"`           // 3 no response, 2 an error, 1 a notice, 0 success
	End    string  `json:"end,omitempty"`  // "failed", "error"
	Views  [2]int  `json:"views"`          // bits of the views that show it; the same if a problem lists it
	Keys   []any   `json:"keys,omitempty"` // of the groups that it is in, in the order of the groupings; as Cells
	Phases []phase `json:"phases,omitempty"`
	Note   string  `json:"note,omitempty"`
	Marked bool    `json:"marked,omitempty"`
}

// Row returns a flow for the page, as JSON. The flow is masked already. Durations of a flow
// that isn't finished are those until now.
func (p *Page) Row(f *flow.Flow, now time.Time) []byte {
	r := table.Row{Flow: f, Now: now.In(p.zone)}
	x := row{
		ID: f.ID, Rev: f.Rev, Open: !f.Final(), Marked: f.Marked, Rank: table.RankOf(r), Note: clean(p.name(f.Note), maxNote),
		MS: flow.MS(max(0, table.Elapsed(f, now))), Phases: phasesOf(f, now),
	}
	if !f.Times.Start.IsZero() {
		x.At = float64(f.Times.Start.UnixMicro()) / 1000
	}
	tones := make([]byte, len(p.columns))
	for i, c := range p.columns {
		s, tone := c.Cell(r)
		s = p.name(s)
		tones[i] = letter(tone)
		x.Cells = append(x.Cells, cellOf(c.Short(p.domains, s, p.short[i]), s))
	}
	x.Tones = string(tones)
	switch {
	case x.Open:
	case table.Failed(f):
		x.End = "failed"
	case table.ErrorAnswer(f):
		x.End = "error"
	}
	claimed := r
	claimed.Claim = flow.LevelProblem
	for i, v := range p.views {
		if v.Has == nil || v.Has(r) {
			x.Views[0] |= 1 << i
		}
		if v.Has == nil || v.Has(claimed) {
			x.Views[1] |= 1 << i
		}
	}
	for _, g := range p.groupings {
		key := clean(p.name(g.Key(r)), maxNote)
		x.Keys = append(x.Keys, cellOf(g.Short(nil, p.domains, key, groupWidth), key))
	}
	b, err := json.Marshal(x)
	if err != nil {
		return []byte("{}") // it can't: there are no maps, cycles or infinite numbers
	}
	return b
}

// cellOf is a text, or an array of its short form and the text if they differ.
func cellOf(short, whole string) any {
	if short == whole {
		return whole
	}
	return [2]string{short, whole}
}

// letter is the page's name of a tone: the one of its class.
func letter(t pane.Tone) byte {
	switch t { //nolint:exhaustive // a cell has no others
	case pane.Dim:
		return 'd'
	case pane.Good:
		return 'g'
	case pane.Bad:
		return 'b'
	case pane.Warn:
		return 'w'
	case pane.Accent:
		return 'a'
	}
	return 'p'
}

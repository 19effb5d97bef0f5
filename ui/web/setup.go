package web

import (
	"encoding/json"
	"strings"

	"detour/ui/detail"
	"detour/ui/table"
)

// A setup is what the script has to know before the first event. It is in the document, so page
// and rows are always of one version.
type setup struct {
	Columns []column `json:"columns"` // of a row's cells, in their order
	Layouts []layout `json:"layouts"` // widest first
	Views   []view   `json:"views"`   // that of digit 1 first; a row's bits are in this order
	Groups  []string `json:"groups"`  // of a row's keys, in their order
	Phases  []string `json:"phases"`
	Tabs    []string `json:"tabs"`
	Offline bool     `json:"offline,omitempty"` // the events are in the document
}

type column struct {
	Title string `json:"title"`
	Doc   string `json:"doc"`
	Right bool   `json:"right,omitempty"`
}

// A layout is the columns for a width in cells.
type layout struct {
	From    int      `json:"from"`
	Columns [][4]int `json:"columns"` // index, least width, weight, greatest width
}

type view struct {
	Name  string `json:"name"`
	Noun  string `json:"noun"`
	Doc   string `json:"doc"`
	Group string `json:"group,omitempty"`
}

// Setup returns what the script knows from its document already, as JSON.
func (p *Page) Setup() []byte { return []byte(p.setup(false)) }

func (p *Page) setup(offline bool) string {
	s := setup{Phases: phaseNames(), Offline: offline}
	index := make(map[string]int)
	for i, c := range p.columns {
		index[c.Key()] = i
		s.Columns = append(s.Columns, column{c.Title(), c.Doc, c.Right()})
	}
	for _, l := range table.Layouts() {
		x := layout{From: l.From}
		for _, c := range l.Columns {
			least, weight, most := c.Width()
			x.Columns = append(x.Columns, [4]int{index[c.Key()], least, weight, most})
		}
		s.Layouts = append(s.Layouts, x)
	}
	for _, v := range p.views {
		s.Views = append(s.Views, view{v.Name, v.Noun, v.Doc, v.Group})
	}
	for _, g := range p.groupings {
		s.Groups = append(s.Groups, g.Name)
	}
	for _, t := range detail.Tabs() {
		s.Tabs = append(s.Tabs, t.Name)
	}
	b, err := json.Marshal(s)
	if err != nil {
		return "{}" // it can't
	}
	return strings.ReplaceAll(string(b), "<", `\u003c`) // json does that, too; here it is what keeps the script's end away
}

package ui

import (
	"slices"
	"strconv"
	"strings"

	"detour/ui/detail"
	"detour/ui/pane"
)

// A compared is a comparison in its pane.
type compared struct {
	Comparison
	file   string
	json   string
	hosts  []string
	chosen int  // index of the selected host
	at     int  // index of its line in the page
	aim    bool // the next drawing scrolls to the selected host
	scroll pane.Scroll

	// The layout that was drawn last.
	width   int
	reading pane.Reading
	rows    []pane.Row
}

func newCompared(file string, x Comparison) *compared {
	return &compared{Comparison: x, file: file, json: detail.JSON(x.Record), hosts: hostsOf(x)}
}

// choose goes n hosts on.
func (x *compared) choose(n int) {
	x.chosen = max(0, min(x.chosen+n, len(x.hosts)-1))
	x.aim, x.rows = true, nil
}

// layout returns the rows of the pane.
func (x *compared) layout(w int, r pane.Reading) []pane.Row {
	if x.rows == nil || x.width != w || x.reading != r {
		x.width, x.reading, x.rows = w, r, pane.Layout(x.page(), w, r)
	}
	if x.aim {
		x.aim = false
		x.scroll.Show(slices.IndexFunc(x.rows, func(l pane.Row) bool { return l.Source == x.at }))
	}
	return x.rows
}

// page begins with what got worse.
func (x *compared) page() pane.Page {
	var p pane.Page
	p.Head("Differences")
	p.Add("", x.Verdict, worseTone(x.Worse))
	p.Add("A earlier", x.A, pane.Plain)
	p.Add("B current", x.B, pane.Plain)
	p.List("note", "", x.Notes)
	n := 0
	for _, part := range slices.Concat(x.Hosts, x.Around) {
		p.Head(part.Title)
		for _, l := range part.Lines {
			label, t := "", pane.Plain
			if l.Host != "" {
				if label = "  " + strconv.Itoa(n+1); n == x.chosen {
					label, t, x.at = "▸ "+strconv.Itoa(n+1), pane.Accent, len(p)
				}
				n++
			}
			p.Add(label, strings.Repeat("  ", l.Depth)+l.Text, t)
		}
	}
	return p
}

package ui

import (
	"slices"
	"strconv"
	"strings"
)

// A compared is a comparison in its pane.
type compared struct {
	Comparison
	file   string
	json   string
	hosts  []string
	chosen int  // of the hosts
	at     int  // its line of the page, as made last
	aim    bool // the next drawing brings the chosen one into sight
	scroll scroll

	// as it was laid out last
	width   int
	reading reading
	laid    []laidLine
}

func newCompared(file string, x Comparison) *compared {
	return &compared{Comparison: x, file: file, json: indented(x.Record), hosts: hostsOf(x)}
}

// choose goes n hosts on.
func (x *compared) choose(n int) {
	x.chosen = max(0, min(x.chosen+n, len(x.hosts)-1))
	x.aim, x.laid = true, nil
}

// lines are the pane's for its width.
func (x *compared) lines(w int, r reading) []laidLine {
	if x.laid == nil || x.width != w || x.reading != r {
		x.width, x.reading, x.laid = w, r, lay(x.page(), w, r)
	}
	if x.aim {
		x.aim = false
		x.scroll.show(slices.IndexFunc(x.laid, func(l laidLine) bool { return l.of == x.at }))
	}
	return x.laid
}

// page says first what got worse.
func (x *compared) page() page {
	var p page
	p.head("What differs")
	p.add("", x.Verdict, worseTone(x.Worse))
	p.add("A before", x.A, tonePlain)
	p.add("B here", x.B, tonePlain)
	p.list("note", "", x.Notes)
	n := 0
	for _, part := range slices.Concat(x.Hosts, x.Around) {
		p.head(part.Title)
		for _, l := range part.Lines {
			label, t := "", tonePlain
			if l.Host != "" {
				if label = "  " + strconv.Itoa(n+1); n == x.chosen {
					label, t, x.at = "▸ "+strconv.Itoa(n+1), toneAccent, len(p)
				}
				n++
			}
			p.add(label, strings.Repeat("  ", l.Depth)+l.Text, t)
		}
	}
	return p
}

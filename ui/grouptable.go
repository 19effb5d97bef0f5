package ui

import (
	"strconv"
	"strings"

	"detour/internal/wording"
	"detour/ui/pane"
)

// minKey is how wide a group's key is at least: other columns go before it is cut further.
const minKey = 28

// A groupColumn is a column of the table of groups.
type groupColumn struct {
	column
	cell func(*model, *group) cell
	rank func(*model, *group) rank // what groups are sorted by
}

func groupColumns(by string) []groupColumn {
	number := func(name, doc string, min int, of func(*group) int, t pane.Tone) groupColumn {
		return groupColumn{
			column{name: name, title: strings.ToUpper(name), doc: doc, min: min, right: true},
			func(_ *model, g *group) cell {
				if n := of(g); n > 0 {
					return cell{strconv.Itoa(n), t}
				}
				return cell{"", pane.Dim}
			},
			func(_ *model, g *group) rank { return rank{number: int64(of(g))} },
		}
	}
	g, _ := groupingOf(by)
	return []groupColumn{
		{column: column{title: "", min: 2}, cell: func(m *model, g *group) cell { return signCell(m.row(g.worst)) }},
		{
			column{name: "name", title: strings.ToUpper(by), doc: "what they are grouped by", shows: g.shows, min: minKey, weight: 4, max: 80, shorten: shortKey(by)},
			func(_ *model, g *group) cell { return keyCell(g) },
			func(_ *model, g *group) rank { return rank{text: g.key} },
		},
		{
			column{name: "worst", title: "WORST", doc: "how the worst of them ended", min: 20, weight: 1, max: 40, shorten: shortConnect},
			func(m *model, g *group) cell { return resultCell(m.row(g.worst)) },
			func(m *model, g *group) rank { return rank{int64(g.rank), resultCell(m.row(g.worst)).text} },
		},
		number("flows", "how many there are", 6, func(g *group) int { return g.flows }, pane.Plain),
		number("failed", "without an answer, or waiting in vain", 6, func(g *group) int { return g.failed }, pane.Bad),
		number("errors", "answered with an error", 6, func(g *group) int { return g.errors }, pane.Bad),
		number("pending", "not over", 7, func(g *group) int { return g.pending }, pane.Dim),
		{
			column{name: "slowest", title: "SLOWEST", doc: "the longest of those that are over", min: 8, right: true},
			func(_ *model, g *group) cell { return cell{wording.Duration(g.slowest), pane.Plain} },
			func(_ *model, g *group) rank { return rank{number: int64(g.slowest)} },
		},
	}
}

func keyCell(g *group) cell {
	if g.key == "" {
		return cell{"(none)", pane.Dim}
	}
	return cell{g.key, pane.Plain}
}

// shortKey is how the keys of a grouping are shortened; nil: their end is cut.
func shortKey(by string) func(string, int) string {
	return map[string]func(string, int) string{"host": shortHost, "page": shortPage}[by]
}

// whole are the columns that have all their room in w cells, the first ones before the
// others; sign and key are always there.
func whole(cols []groupColumn, w int) []groupColumn {
	var out []groupColumn
	left := w + 1
	for i, c := range cols {
		if need := c.min + 1; i < 2 || need <= left {
			out = append(out, c)
			left -= need
		}
	}
	return out
}

// drawGroups draws the groups as a table: how many, how many of them in vain, and the worst.
func drawGroups(c pane.Canvas, m *model) {
	gcols := whole(groupColumns(m.view.group), c.W-1)
	cols := make([]column, len(gcols))
	for i, g := range gcols {
		cols[i] = g.column
	}
	widths := spread(cols, c.W-1)
	drawTitles(c, cols, widths, m.groupOrder)
	body := c.Part(0, 1, c.W, c.H-1)
	cur := &m.group
	cur.page = body.H
	at := cur.at(m.groups)
	cur.top = max(0, min(cur.top, at, len(m.groups)-body.H), at-body.H+1)
	cs := make([]cell, len(gcols))
	for y := 0; y < body.H && cur.top+y < len(m.groups); y++ {
		g := m.groups[cur.top+y]
		for i := range gcols {
			cs[i] = gcols[i].cell(m, g)
		}
		drawCells(body, y, cs, cols, widths, cur.top+y == at)
	}
}

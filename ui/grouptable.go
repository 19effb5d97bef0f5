package ui

import (
	"strconv"
	"strings"
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
	number := func(name, doc string, min int, of func(*group) int, t tone) groupColumn {
		return groupColumn{
			column{name: name, title: strings.ToUpper(name), doc: doc, min: min, right: true},
			func(_ *model, g *group) cell {
				if n := of(g); n > 0 {
					return cell{strconv.Itoa(n), t}
				}
				return cell{"", toneDim}
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
		number("flows", "how many there are", 6, func(g *group) int { return g.flows }, tonePlain),
		number("failed", "without an answer, or waiting in vain", 6, func(g *group) int { return g.failed }, toneBad),
		number("errors", "answered with an error", 6, func(g *group) int { return g.errors }, toneBad),
		number("pending", "not over", 7, func(g *group) int { return g.pending }, toneDim),
		{
			column{name: "slowest", title: "SLOWEST", doc: "the longest of those that are over", min: 8, right: true},
			func(_ *model, g *group) cell { return cell{span(g.slowest), tonePlain} },
			func(_ *model, g *group) rank { return rank{number: int64(g.slowest)} },
		},
	}
}

func keyCell(g *group) cell {
	if g.key == "" {
		return cell{"(none)", toneDim}
	}
	return cell{g.key, tonePlain}
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

// groups draws the groups as a table: how many, how many of them in vain, and the worst.
func (c canvas) groups(m *model) {
	gcols := whole(groupColumns(m.view.group), c.w-1)
	cols := make([]column, len(gcols))
	for i, g := range gcols {
		cols[i] = g.column
	}
	widths := spread(cols, c.w-1)
	c.titles(cols, widths, m.groupOrder)
	body := c.part(0, 1, c.w, c.h-1)
	cur := &m.group
	cur.page = body.h
	at := cur.at(m.groups)
	cur.top = max(0, min(cur.top, at, len(m.groups)-body.h), at-body.h+1)
	cs := make([]cell, len(gcols))
	for y := 0; y < body.h && cur.top+y < len(m.groups); y++ {
		g := m.groups[cur.top+y]
		for i := range gcols {
			cs[i] = gcols[i].cell(m, g)
		}
		body.cells(y, cs, cols, widths, cur.top+y == at)
	}
}

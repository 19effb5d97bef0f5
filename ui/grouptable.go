package ui

import (
	"strconv"
	"strings"
)

// A groupColumn is a column of the table of groups.
type groupColumn struct {
	column
	cell func(*model, *group) cell
}

func groupColumns(by string) []groupColumn {
	number := func(of func(*group) int, t tone) func(*model, *group) cell {
		return func(_ *model, g *group) cell {
			if n := of(g); n > 0 {
				return cell{strconv.Itoa(n), t}
			}
			return cell{"", toneDim}
		}
	}
	g, _ := groupingOf(by)
	return []groupColumn{
		{column{title: "", min: 2}, func(m *model, g *group) cell { return signCell(m.row(g.worst)) }},
		{column{title: strings.ToUpper(by), shows: g.shows, min: 20, weight: 4, max: 80}, func(_ *model, g *group) cell { return keyCell(g) }},
		{column{title: "WORST", min: 20, weight: 1, max: 40}, func(m *model, g *group) cell { return resultCell(m.row(g.worst)) }},
		{column{title: "FLOWS", min: 6, right: true}, number(func(g *group) int { return g.flows }, tonePlain)},
		{column{title: "FAILED", min: 6, right: true}, number(func(g *group) int { return g.failed }, toneBad)},
		{column{title: "ERRORS", min: 6, right: true}, number(func(g *group) int { return g.errors }, toneBad)},
		{column{title: "PENDING", min: 7, right: true}, number(func(g *group) int { return g.pending }, toneDim)},
		{column{title: "SLOWEST", min: 8, right: true}, func(_ *model, g *group) cell { return cell{span(g.slowest), tonePlain} }},
	}
}

func keyCell(g *group) cell {
	if g.key == "" {
		return cell{"(none)", toneDim}
	}
	return cell{g.key, tonePlain}
}

// groups draws the groups as a table: how many, how many of them in vain, and the worst.
func (c canvas) groups(m *model) {
	gcols := groupColumns(m.view.group)
	if c.w < 90 {
		gcols = gcols[:len(gcols)-2]
	}
	if c.w < 60 {
		gcols = gcols[:4]
	}
	cols := make([]column, len(gcols))
	for i, g := range gcols {
		cols[i] = g.column
	}
	widths := spread(cols, c.w-1)
	c.titles(cols, widths, order{})
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

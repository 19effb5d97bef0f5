package table

import (
	"strconv"
	"strings"

	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/text"
)

// minKey is the least width of a group's key: other columns are omitted before it is cut
// further.
const minKey = 28

// A groupColumn is a column of the table of groups.
type groupColumn struct {
	Column
	cell func(g *Group, worst Row) cell
	rank func(g *Group, worst Row) rank // what groups are sorted by
}

func groupColumns(by string) []groupColumn {
	number := func(name, doc string, min int, of func(*Group) int, t pane.Tone) groupColumn {
		return groupColumn{
			Column{Name: name, title: strings.ToUpper(name), Doc: doc, min: min, right: true},
			func(g *Group, _ Row) cell {
				if n := of(g); n > 0 {
					return cell{strconv.Itoa(n), t}
				}
				return cell{"", pane.Dim}
			},
			func(g *Group, _ Row) rank { return rank{number: int64(of(g))} },
		}
	}
	g, _ := GroupingNamed(by)
	return []groupColumn{
		{Column: Column{title: "", min: 2}, cell: func(_ *Group, worst Row) cell { return signCell(worst) }},
		{
			Column{
				Name: "name", title: strings.ToUpper(by), Doc: "what the flows are grouped by",
				shows: g.shows, min: minKey, weight: 4, max: 80, shorten: shortKey(by),
			},
			func(g *Group, _ Row) cell { return keyCell(g) },
			func(g *Group, _ Row) rank { return rank{text: g.Key} },
		},
		{
			Column{Name: "worst", title: "WORST", Doc: "the outcome of the worst flow", min: 20, weight: 1, max: 40, shorten: shortConnect},
			func(_ *Group, worst Row) cell { return resultCell(worst) },
			func(g *Group, worst Row) rank { return rank{int64(g.rank), resultCell(worst).text} },
		},
		number("flows", "the number of flows", 6, func(g *Group) int { return g.flows }, pane.Plain),
		number("failed", "finished flows without a complete response", 6, func(g *Group) int { return g.failed }, pane.Bad),
		number("errors", "finished flows with an error response", 6, func(g *Group) int { return g.errors }, pane.Bad),
		number("pending", "flows that aren't finished, even if a finding names them", 7, func(g *Group) int { return g.pending }, pane.Dim),
		{
			Column{Name: "slowest", title: "SLOWEST", Doc: "the longest time of a flow; with … it isn't finished", min: 8, right: true},
			func(g *Group, _ Row) cell {
				if g.running {
					return cell{wording.Running(g.slowest) + text.Ellipsis, pane.Dim}
				}
				return cell{wording.Duration(g.slowest), pane.Plain}
			},
			func(g *Group, _ Row) rank { return rank{number: int64(g.slowest)} },
		},
	}
}

func keyCell(g *Group) cell {
	if g.Key == "" {
		return cell{"(none)", pane.Dim}
	}
	return cell{g.Key, pane.Plain}
}

// shortKey is how keys of a grouping are shortened; nil: their end is cut.
func shortKey(by string) func(*Domains, string, int) string {
	return map[string]func(*Domains, string, int) string{"host": shortHost, "page": shortPage}[by]
}

// fitting returns the columns that fit completely in w cells, the first ones first. Sign and
// key are always there.
func fitting(cols []groupColumn, w int) []groupColumn {
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

// DrawGroups draws a table of groups: how many flows each has, how many of them have no
// answer, and the worst one. selected is an index in gs.
func (v View) DrawGroups(c pane.Canvas, by string, gs []*Group, selected int) {
	gcols := fitting(groupColumns(by), c.W-1)
	cols := make([]Column, len(gcols))
	for i, g := range gcols {
		cols[i] = g.Column
	}
	widths := spread(cols, c.W-1)
	drawTitles(c, cols, widths, v.Order)
	body := c.Part(0, 1, c.W, c.H-1)
	cs := make([]cell, len(gcols))
	for y := 0; y < body.H && v.Top+y < len(gs); y++ {
		g := gs[v.Top+y]
		worst := v.Row(g.Worst)
		for i := range gcols {
			cs[i] = gcols[i].cell(g, worst)
		}
		v.drawCells(body, y, cs, cols, widths, v.Top+y == selected)
	}
}

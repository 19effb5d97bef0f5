package web

import (
	"cmp"
	"time"

	"detour/ui/table"
	"detour/ui/views"
)

// A Page makes the page of a run. It is immutable, so it may be used concurrently.
type Page struct {
	zone      *time.Location
	domains   *table.Domains
	columns   []table.Column // all that a layout has
	short     []int          // width for which a column's text is shortened, in cells
	views     []views.View
	groupings []table.Grouping // of the views that group
}

// Options are what a page depends on.
type Options struct {
	Zone    *time.Location // of the times; nil: UTC
	Domains *table.Domains // how hosts on AWS's domains are shortened; nil: as all others
}

// New returns the page.
func New(o Options) *Page {
	p := &Page{zone: cmp.Or(o.Zone, time.UTC), domains: o.Domains, views: views.All()}
	seen := make(map[string]bool)
	for _, l := range table.Layouts() {
		for _, c := range l.Columns {
			if !seen[c.Key()] {
				seen[c.Key()] = true
				p.columns = append(p.columns, c)
				p.short = append(p.short, shortWidth(c))
			}
		}
	}
	for _, v := range p.views {
		if g, ok := table.GroupingNamed(v.Group); ok {
			p.groupings = append(p.groupings, g)
		}
	}
	return p
}

// shortWidth is the width that the short form of a column's texts fits in: the least width that
// the page gives the column.
func shortWidth(c table.Column) int {
	least, _, _ := c.Width()
	return least
}

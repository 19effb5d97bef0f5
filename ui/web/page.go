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
	columns   []table.Column      // all that a layout has
	short     []int               // the least width that a layout gives a column, in cells: short texts fit in it
	names     func(string) string // of stand-ins; nil: texts have none
	views     []views.View
	groupings []table.Grouping // of the views that group
}

// Options are what a page depends on.
type Options struct {
	Zone    *time.Location // of the times; nil: UTC
	Domains *table.Domains // how hosts on AWS's domains are shortened; nil: as all others
	// Names puts names into a text in place of stand-ins (alias.Texts). nil: texts have none.
	Names func(string) string
}

// New returns the page.
func New(o Options) *Page {
	p := &Page{zone: cmp.Or(o.Zone, time.UTC), domains: o.Domains, names: o.Names, views: views.All()}
	index := make(map[string]int)
	for _, l := range table.Layouts() {
		for _, c := range l.Columns {
			least, _, _ := c.Width()
			i, ok := index[c.Key()]
			if !ok {
				index[c.Key()] = len(p.columns)
				p.columns, p.short = append(p.columns, c), append(p.short, least)
				continue
			}
			p.short[i] = min(p.short[i], least)
		}
	}
	for _, v := range p.views {
		if g, ok := table.GroupingNamed(v.Group); ok {
			p.groupings = append(p.groupings, g)
		}
	}
	return p
}

// name puts names into a text.
func (p *Page) name(s string) string {
	if p.names == nil {
		return s
	}
	return p.names(s)
}

package table

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/ui/mask"
	"detour/ui/text"
)

// A Grouping is what flows can be grouped by.
type Grouping struct {
	Name string // "host"
	Doc  string
	Key  func(Row) string // the group of a row; "" is a group, too
	// Filter is the filter key whose value is the group's key; "": there is none.
	Filter string
	shows  content
}

// Groupings returns all groupings, in the order in which they are offered.
func Groupings() []Grouping {
	of := func(f func(*flow.Flow) string) func(Row) string {
		return func(r Row) string { return f(r.Flow) }
	}
	return []Grouping{
		{"host", "the requested host", of(Host), "host", hostText},
		{"address", "the address that responded, or was tried first", of(addressOf), "", hostText},
		{"page", "the console page that made the request", of(pageOf), "", pageText},
		{"operation", "the AWS operation", of(operationOf), "", anyText},
		{"service", "the AWS service", of(serviceOf), "service", anyText},
		{"origin", "the route: console, direct or another", of(func(f *flow.Flow) string { return string(f.Origin) }), "origin", plainText},
		{"finding", "the code of the first finding", findingOf, "", anyText},
		{"step", "the step, as set with :step", func(r Row) string { return r.Step }, "", anyText},
	}
}

// GroupingNamed returns the grouping of that name, if there is one.
func GroupingNamed(name string) (g Grouping, ok bool) {
	for _, g := range Groupings() {
		if g.Name == name {
			return g, true
		}
	}
	return g, false
}

func addressOf(f *flow.Flow) string {
	c := f.Conn
	if c == nil || c.Winner() == nil && len(c.Attempts) == 0 && (c.Resolution == nil || len(c.Resolution.Addrs) == 0) {
		return ""
	}
	return shownAddress(f.Conn).String()
}

// pageOf is a page without its query and fragment: a console page changes these all the
// time.
func pageOf(f *flow.Flow) string {
	s, _ := text.Head(f.Page, text.MaxCell)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return s
	}
	return u.Host + u.Path
}

func operationOf(f *flow.Flow) string {
	if f.AWS == nil {
		return ""
	}
	return strings.TrimSpace(serviceOf(f) + " " + f.AWS.Operation)
}

func serviceOf(f *flow.Flow) string {
	if f.AWS == nil {
		return ""
	}
	return cmp.Or(f.AWS.ServiceName, f.AWS.Service)
}

// findingOf is the code of the first finding that lists a flow; as long as none does, the code
// of what the flow shows alone.
func findingOf(r Row) string {
	switch {
	case len(r.Codes) > 0:
		return r.Codes[0]
	case len(r.Findings) > 0:
		return r.Findings[0]
	}
	return ""
}

// A Group sums up the flows of one key.
type Group struct {
	Key     string
	flows   int
	failed  int // finished without a complete response
	errors  int // finished with an error
	pending int // the others, whatever findings say so far
	rank    int
	Worst   *flow.Flow    // the newest of those with the worst outcome
	slowest time.Duration // so far, of one that isn't finished
	running bool          // the slowest one isn't finished
}

// rankOf ranks an outcome: 3 no response, 2 an error, 1 a notice, 0 success.
func rankOf(r Row) int {
	switch {
	case Broken(r.Flow) || Stuck(r.Flow, r.Now) || r.Claim == flow.LevelProblem:
		return 3
	case ErrorAnswer(r.Flow):
		return 2
	case r.Claim != "" || len(r.Findings) > 0:
		return 1
	}
	return 0
}

func (g *Group) add(r Row) {
	g.flows++
	rank := rankOf(r)
	switch {
	case !r.Final():
		g.pending++
	case Failed(r.Flow):
		g.failed++
	case ErrorAnswer(r.Flow):
		g.errors++
	}
	if took := Elapsed(r.Flow, r.Now); took > g.slowest {
		g.slowest, g.running = took, !r.Final()
	}
	if g.Worst == nil || rank >= g.rank {
		g.rank, g.Worst = rank, r.Flow
	}
}

// GroupBy groups flows, of which rowOf makes rows. Groups that need attention come first,
// unless o sorts them otherwise. An unknown grouping has no groups.
func GroupBy(by string, flows []*flow.Flow, rowOf func(*flow.Flow) Row, o Order) []*Group {
	what, ok := GroupingNamed(by)
	if !ok {
		return nil
	}
	found := make(map[string]*Group)
	var out []*Group
	for _, f := range flows {
		r := rowOf(f)
		k := what.Key(r)
		g := found[k]
		if g == nil {
			g = &Group{Key: k}
			found[k] = g
			out = append(out, g)
		}
		g.add(r)
	}
	slices.SortStableFunc(out, func(a, b *Group) int {
		return cmp.Or(
			cmp.Compare(b.rank, a.rank), cmp.Compare(b.failed+b.errors, a.failed+a.errors),
			cmp.Compare(b.flows, a.flows), cmp.Compare(a.Key, b.Key),
		)
	})
	for _, c := range groupColumns(by) {
		if c.Name != "" && c.Name == o.Column {
			sortBy(out, o.up, func(g *Group) rank { return c.rank(g, rowOf(g.Worst)) })
		}
	}
	return out
}

// Short returns a key, masked, in w cells.
func (g Grouping) Short(m *mask.Masker, ds *Domains, key string, w int) string {
	return Column{shorten: shortKey(g.Name)}.shortened(ds, g.shows.mask(m, key), w)
}

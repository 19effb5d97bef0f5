package table

import (
	"slices"
	"strings"

	"detour/ui/mask"
	"detour/ui/text"
)

// Domains are AWS's domains in the forms in which hosts are shortened. An ellipsis right
// behind a dot stands for a part of one of them and of nothing else: other hosts are
// shortened in front of whole labels. A nil *Domains knows none.
type Domains struct {
	all      []domain // those first that are part of another
	consoles []string // domains of the console
}

// A domain is one that AWS's hosts share.
type domain struct {
	whole string
	short []string // forms in which it is still told from all others, the shortest one last
}

// NewDomains works out the short forms of domains.
func NewDomains(ds []mask.Domain) *Domains {
	out := &Domains{}
	ds = slices.SortedStableFunc(slices.Values(ds), func(a, b mask.Domain) int {
		return strings.Count(b.Name, ".") - strings.Count(a.Name, ".")
	})
	owners := map[string]claim{}
	for i, d := range ds {
		for _, form := range forms(d) {
			owners[form] = owners[form].with(i, weight(d))
		}
	}
	for i, d := range ds {
		if d.Console {
			out.consoles = append(out.consoles, d.Name)
		}
		x := domain{whole: d.Name}
		for _, form := range forms(d) {
			if c := owners[form]; c.domain == i && !c.shared {
				x.short = append(x.short, form)
			}
		}
		if x.short == nil {
			x.short = []string{d.Name}
		}
		out.all = append(out.all, x)
	}
	return out
}

func (ds *Domains) list() []domain {
	if ds == nil {
		return nil
	}
	return ds.all
}

func (ds *Domains) consoleNames() []string {
	if ds == nil {
		return nil
	}
	return ds.consoles
}

// A claim is which domain a short form stands for.
type claim struct {
	domain, weight int
	shared         bool // several domains of this weight could be meant
}

func (c claim) with(domain, weight int) claim {
	switch {
	case weight > c.weight:
		return claim{domain, weight, false}
	case weight == c.weight:
		c.shared = true
	}
	return c
}

// weight says how often hosts of a domain are seen: a short form that several could have
// belongs to the one of them with the most.
func weight(d mask.Domain) int {
	switch {
	case d.Commercial && d.Services:
		return 3
	case d.Commercial:
		return 2
	}
	return 1
}

// kinds are labels that say what the hosts of a domain are for; they stay.
var kinds = []string{"vpce", "api", "console", "signin", "aws"}

// forms are the ways to shorten a domain, the shortest one last. The labels of its kind stay;
// what comes behind them is left out up to a dot, or to a part of Amazon's own names.
func forms(d mask.Domain) []string {
	labels := strings.Split(d.Name, ".")
	n := 0
	for n < len(labels)-1 && slices.Contains(kinds, labels[n]) {
		n++
	}
	var out []string
	for ; n >= 0; n-- {
		kept := strings.Join(labels[:n], ".")
		if kept != "" {
			kept += "."
		}
		rest := d.Name[len(kept):]
		for _, tail := range tails(rest) {
			if form := kept + text.Ellipsis + tail; text.Width(form) < len(d.Name) && !slices.Contains(out, form) {
				out = append(out, form)
			}
		}
		if n == 1 { // what kind of domain it is stays
			return out
		}
	}
	if d.Commercial && d.Services && out != nil {
		out = append(out, text.Ellipsis) // the usual one: all others keep some of theirs
	}
	return out
}

// tails are the ends of a domain that tell something of it, the longest one first.
func tails(rest string) []string {
	var out []string
	for i := 1; i < len(rest); i++ {
		switch before := rest[:i]; {
		case before == "amazon" && rest[i] != '.', before == "aws" && rest[i] != '.' && rest[i] != '-':
			out = append(out, rest[i:])
		case before[i-1] == '.', before[i-1] == '-' && strings.HasPrefix(before, "amazon"):
			out = append(out, rest[i:])
		}
	}
	return out
}

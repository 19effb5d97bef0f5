package table

import (
	"slices"
	"strings"

	"detour/ui/mask"
	"detour/ui/text"
)

// Domains are the forms in which hosts on AWS's domains are shortened. An ellipsis right
// after a dot stands for a part of one of AWS's domains and for nothing else: other hosts
// are shortened before whole labels. A nil *Domains has none.
type Domains struct {
	all      []domain // those first that are part of another
	consoles []string // domains of the console
}

// A domain is one that AWS's hosts share.
type domain struct {
	whole string
	short []string // forms that no other domain has, the shortest one last
}

// NewDomains computes the short forms of domains. No form stands for two of them.
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
	shared         bool // several domains of this weight have it
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

// weight ranks a domain by how common its hosts are: of several domains that could have a
// short form, the most common one gets it.
func weight(d mask.Domain) int {
	switch {
	case d.Commercial && d.Services:
		return 3
	case d.Commercial:
		return 2
	}
	return 1
}

// kinds are labels that say what a domain is for, which are never shortened.
var kinds = []string{"vpce", "api", "console", "signin", "aws"}

// forms returns the ways to shorten a domain, the shortest one last. The labels of its kind
// stay; what follows them is omitted up to a dot, or to a part of Amazon's own names.
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
		if n == 1 { // the kind of domain always stays
			return out
		}
	}
	if d.Commercial && d.Services && out != nil {
		out = append(out, text.Ellipsis) // the most common domain: all others keep some of theirs
	}
	return out
}

// tails returns the ends of a domain that say something about it, the longest one first.
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

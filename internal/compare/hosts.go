package compare

import (
	"cmp"
	"slices"
	"strings"

	"detour/internal/flow"
)

// compareHosts compares one host, and counts the calls that don't differ; a or b may be
// nil.
func compareHosts(name string, a, b *host, all paths) (h Host, same int) {
	h = Host{Name: name, Resolution: []Change{}, Calls: []Call{}}
	switch {
	case a == nil:
		h.Status, a = Appeared, &host{}
	case b == nil:
		h.Status, b = Vanished, &host{}
	default:
		h.Resolution = resolutions(a, b, all)
	}
	for _, op := range union(a.calls, b.calls) {
		c := compareCalls(op, a.calls[op], b.calls[op])
		if c.Status == "" && len(c.Changes) == 0 {
			same++
			continue
		}
		h.Calls = append(h.Calls, c)
	}
	if b.works() {
		for i := range h.Calls {
			if c := &h.Calls[i]; c.Status == Vanished && c.A.usual.grade == gradeTrouble {
				c.Trend = Better // a preflight without an answer has another name than one with its call
			}
		}
	}
	slices.SortStableFunc(h.Calls, func(x, y Call) int { return cmp.Compare(rank(x.Trend, x.Status), rank(y.Trend, y.Status)) })
	h.Trend = trendOf(h)
	return h, same
}

// compareCalls compares one operation. A new one that fails is worse; one that is
// missing may just not have been called.
func compareCalls(op string, a, b *samples) Call {
	c := Call{Operation: op, Changes: []Change{}}
	if a != nil {
		c.Origin, c.A = a.origin, a.tally()
	}
	if b != nil {
		c.Origin, c.B = b.origin, b.tally()
	}
	switch {
	case a == nil:
		c.Status = Appeared
		if c.B.usual.grade > gradeOK && b.origin != flow.OriginOther { // a browser asks for all kinds of hosts
			c.Trend = Worse
		}
	case b == nil:
		c.Status = Vanished
	default:
		c.Changes = compareTallies(c.A, c.B)
		c.Trend = worstTrend(c.Changes)
	}
	return c
}

// works reports whether a host answered a call, and each one that it was sent.
func (h *host) works() bool {
	for _, s := range h.calls {
		if s.tally().usual.grade != gradeOK {
			return false
		}
	}
	return len(h.calls) > 0
}

// trendOf is worse if anything of the host is, else better if anything is.
func trendOf(h Host) Trend {
	changes := slices.Clone(h.Resolution)
	for _, c := range h.Calls {
		changes = append(changes, Change{Trend: c.Trend})
	}
	return worstTrend(changes)
}

func worstTrend(changes []Change) Trend {
	var t Trend
	for _, c := range changes {
		if c.Trend == Worse {
			return Worse
		}
		t = cmp.Or(t, c.Trend)
	}
	return t
}

// resolutions is how a host's addresses and the path to it differ. What only one of the
// captures knows isn't compared.
func resolutions(a, b *host, all paths) []Change {
	out := []Change{}
	add := func(what string, was, is string, t Trend) {
		if was != is && was != "" && is != "" {
			out = append(out, Change{What: what, A: was, B: is, Trend: t})
		}
	}
	add("resolution", a.outcomes.String(), b.outcomes.String(), resolved(a.outcomes, b.outcomes))
	add("addresses", a.addresses(), b.addresses(), "")
	if disjoint(a.published, b.published) {
		add("published as", a.published.String(), b.published.String(), "")
	}
	add("addresses by", a.sources.String(), b.sources.String(), "")
	if several(all.a.nameservers, all.b.nameservers) {
		add("nameserver", a.nameservers.String(), b.nameservers.String(), "")
	}
	if several(all.a.interfaces, all.b.interfaces) {
		add("interface", a.interfaces.String(), b.interfaces.String(), "")
	}
	if several(all.a.proxies, all.b.proxies) {
		add("upstream proxy", a.proxies.String(), b.proxies.String(), "")
	}
	return out
}

// several reports whether either capture has more than one. Otherwise the difference is
// one of the machine, and isn't repeated for each host.
func several(a, b set) bool { return len(a) > 1 || len(b) > 1 }

func disjoint(a, b set) bool {
	for w := range a {
		if b[w] {
			return false
		}
	}
	return true
}

// resolved is worse if a name no longer resolves.
func resolved(a, b set) Trend {
	ok := string(flow.DNSOK)
	switch {
	case len(a) == 1 && a[ok]:
		return Worse
	case len(b) == 1 && b[ok]:
		return Better
	}
	return ""
}

// addresses are the scopes, and the addresses that aren't public.
func (h *host) addresses() string {
	if len(h.scopes) == 0 {
		return ""
	}
	s := strings.Join(h.scopes.sorted(), " and ")
	if len(h.inside) > 0 {
		s += " " + h.inside.String()
	}
	return s
}

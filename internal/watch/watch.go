// Package watch tests hosts that failed until they work: until every address that DNS returns
// has answered several times in a row.
//
// A [Watch] is the state: what is due, what came of it, and what that means. It has no clock and
// no network; [Run] gives it both.
package watch

import (
	"net/netip"
	"slices"
	"time"

	"detour/internal/flow"
)

// Enough is how many tries in a row an address has to answer.
const Enough = 3

// Limits.
const (
	// Pace is the least time between the end of a try of an address and the beginning of the
	// next one, of whichever host. The kernel repeats a SYN after a second at the earliest, so
	// an address gets at most one a second.
	Pace = time.Second
	// maxTTL is the longest time between two lookups of a name, as resolve.Cache has it.
	maxTTL = time.Minute
	// MaxHosts is how many hosts are watched at once.
	MaxHosts = 64

	maxAddresses = 32 // of a host
	maxAnswers   = 16 // of DNS, of a host: the first, and the latest
)

// Config is how to watch.
type Config struct {
	Every time.Duration // from the beginning of a try of an address to that of the next one; at least Pace
	Codes []string      // of the findings whose hosts are watched; nil: none
}

// A Watch is the state of a watch. It isn't safe for concurrent use.
type Watch struct {
	cfg   Config
	check flow.Check // without hosts
	hosts []*host
	busy  map[netip.Addr]bool      // addresses that are being tried
	free  map[netip.Addr]time.Time // when they may be tried again
}

// A host is one host of a watch.
type host struct {
	authority string
	flow      flow.ID
	proxied   bool
	newest    *flow.Resolution // the newest answer of DNS with addresses; nil: none, or proxied
	answers   []flow.CheckAnswer
	asking    bool
	ask       time.Time // when DNS is asked again
	addrs     []*address
	row       int       // answered tries since the last one that wasn't, of any address
	rowSince  time.Time // when the first of them began
	works     bool
}

// An address is one address of a host.
type address struct {
	flow.AddressCheck
	addr   netip.AddrPort // invalid if an upstream proxy chooses it
	trying bool
	due    time.Time
}

// New returns a watch of hosts, given as host:port. Only the first MaxHosts are watched.
func New(cfg Config, authorities []string, now time.Time) *Watch {
	cfg.Every = max(cfg.Every, Pace)
	w := &Watch{
		cfg: cfg, check: flow.Check{Kind: flow.CheckWatch, Codes: cfg.Codes, Began: now},
		busy: make(map[netip.Addr]bool), free: make(map[netip.Addr]time.Time),
	}
	for _, a := range authorities {
		if len(w.hosts) < MaxHosts && w.host(a) == nil {
			w.hosts = append(w.hosts, &host{authority: a, ask: now})
		}
	}
	return w
}

func (w *Watch) host(authority string) *host {
	for _, h := range w.hosts {
		if h.authority == authority {
			return h
		}
	}
	return nil
}

// A Job is a lookup of a host's name, or a try of one of its addresses.
type Job struct {
	Authority  string
	Lookup     bool
	Resolution *flow.Resolution // of a try; nil if an upstream proxy resolves
	Addr       netip.AddrPort   // of a try; invalid if an upstream proxy chooses it
}

// Due returns what has to be done now, which counts as begun, and when to ask again unless a
// result comes first: the zero time if only then.
func (w *Watch) Due(now time.Time) (jobs []Job, next time.Time) {
	if w.Over() {
		return nil, next
	}
	later := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	var tries []*address
	of := make(map[*address]*host)
	for _, h := range w.hosts {
		switch {
		case h.asking || h.proxied:
		case h.ask.After(now):
			later(h.ask)
		default:
			h.asking = true
			jobs = append(jobs, Job{Authority: h.authority, Lookup: true})
		}
		for _, a := range h.addrs {
			if !a.trying && !a.Gone {
				tries, of[a] = append(tries, a), h
			}
		}
	}
	slices.SortStableFunc(tries, func(a, b *address) int { return a.due.Compare(b.due) }) // an address of two hosts: in turns
	for _, a := range tries {
		ip := a.addr.Addr()
		start := a.due
		if free := w.free[ip]; free.After(start) {
			start = free
		}
		switch {
		case w.busy[ip]:
		case start.After(now):
			later(start)
		default:
			a.trying, w.busy[ip] = true, true
			a.due = now.Add(w.cfg.Every)
			jobs = append(jobs, Job{Authority: of[a].authority, Resolution: of[a].newest, Addr: a.addr})
		}
	}
	return jobs, next
}

// Looked takes the result of a lookup: nil if an upstream proxy resolves the name.
func (w *Watch) Looked(authority string, r *flow.Resolution, now time.Time) []Event {
	h := w.host(authority)
	h.asking = false
	if r == nil {
		if h.proxied = true; len(h.addrs) == 0 {
			h.addrs = append(h.addrs, &address{due: now})
		}
		return nil
	}
	h.ask = now.Add(wait(r, w.cfg.Every))
	news := h.answered(r, now)
	addrs := r.Addrs[:min(len(r.Addrs), maxAddresses)]
	_, port := split(authority)
	for _, a := range h.addrs {
		if here := slices.Contains(addrs, a.addr.Addr()); here == a.Gone {
			if len(addrs) == 0 && a.InRow > 0 {
				a.Flaps++ // the host did work
			}
			a.Gone, a.InRow, a.Since, a.due = !here, 0, time.Time{}, now
			if here {
				news = append(news, Event{At: now, Kind: Joined, Host: authority, Addr: a.addr})
			} else {
				news = append(news, Event{At: now, Kind: Left, Host: authority, Addr: a.addr})
			}
		}
	}
	first := len(h.addrs) == 0
	for _, ip := range addrs {
		if slices.ContainsFunc(h.addrs, func(a *address) bool { return a.addr.Addr() == ip }) {
			continue
		}
		a := &address{addr: netip.AddrPortFrom(ip, port), due: now}
		a.Last.Addr, a.Last.Kind = a.addr, flow.LaterWatch
		h.addrs = append(h.addrs, a)
		if !first {
			news = append(news, Event{At: now, Kind: Joined, Host: authority, Addr: a.addr})
		}
	}
	h.forget()
	if h.newest = r; len(addrs) == 0 {
		h.newest, h.row = nil, 0
	}
	return append(news, w.settle(now)...)
}

// wait is how long an answer of DNS holds.
func wait(r *flow.Resolution, every time.Duration) time.Duration {
	if r.Outcome != flow.DNSOK || r.TTL <= 0 {
		return every
	}
	return min(max(r.TTL-r.Age, Pace), maxTTL)
}

// answered takes DNS's answer, and returns what is new about it.
func (h *host) answered(r *flow.Resolution, now time.Time) []Event {
	addrs := slices.Clone(r.Addrs)
	slices.SortFunc(addrs, netip.Addr.Compare)
	x := flow.CheckAnswer{At: now, Outcome: r.Outcome, Addrs: addrs, Err: r.Err}
	var before *flow.CheckAnswer
	if n := len(h.answers); n > 0 {
		before = &h.answers[n-1]
		if before.Outcome == x.Outcome && slices.Equal(before.Addrs, x.Addrs) {
			return nil
		}
	}
	e := Event{At: now, Kind: DNS, Host: h.authority, Answer: &x, Before: before}
	h.answers = append(slices.Clone(h.answers), x)
	if len(h.answers) > maxAnswers {
		h.answers = slices.Delete(h.answers, 1, 2)
	}
	if r.Outcome != flow.DNSOK || len(r.Addrs) == 0 {
		e.Later = flow.Later{
			Kind: flow.LaterWatch, At: now.Add(-r.Took), Took: r.Took, DNS: r.Outcome, Stage: flow.StageDNS, Err: r.Err,
		}
	}
	return []Event{e}
}

// forget drops the oldest addresses that are gone, if there are too many.
func (h *host) forget() {
	for len(h.addrs) > 2*maxAddresses {
		at := slices.IndexFunc(h.addrs, func(a *address) bool { return a.Gone && !a.trying })
		if at < 0 {
			return
		}
		h.addrs = slices.Delete(h.addrs, at, at+1)
	}
}

// Tried takes the result of a try.
func (w *Watch) Tried(authority string, addr netip.AddrPort, l flow.Later, now time.Time) []Event {
	h := w.host(authority)
	w.busy[addr.Addr()] = false
	w.free[addr.Addr()] = now.Add(Pace)
	at := slices.IndexFunc(h.addrs, func(a *address) bool { return a.addr == addr })
	if at < 0 {
		return nil
	}
	a := h.addrs[at]
	a.trying = false
	if a.Gone { // it left meanwhile: its answer says nothing about the host
		return nil
	}
	l.Kind, l.Addr = flow.LaterWatch, addr
	kind := h.count(a, &l)
	var news []Event
	if kind != "" {
		news = append(news, Event{At: now, Kind: kind, Host: authority, Addr: addr, Later: l, Tries: a.Tries})
	}
	return append(news, w.settle(now)...)
}

// count counts a try, sets its InRow, and returns what kind of event it is; "": none.
func (h *host) count(a *address, l *flow.Later) (kind EventKind) {
	a.Tries++
	if !l.Answered() {
		if l.InRow = 1; a.Tries > 1 && !a.Last.Answered() {
			l.InRow += a.Last.InRow
		}
		switch {
		case a.InRow > 0:
			kind = Flapped
			a.Flaps++
		case a.Failed.IsZero():
			kind = Failed
		}
		if a.Failed.IsZero() {
			a.Failed = l.End()
		}
		a.InRow, a.Since, a.Last, h.row = 0, time.Time{}, *l, 0
		return kind
	}
	if h.row == 0 {
		h.rowSince = l.At
	}
	if a.InRow == 0 {
		a.Since, kind = l.End(), Answers
	}
	h.row++
	a.Answered++
	a.InRow++
	if l.InRow = a.InRow; a.InRow == Enough {
		kind = Steady
	}
	a.Last = *l
	return kind
}

// settle determines which hosts work, and ends the watch if all do.
func (w *Watch) settle(now time.Time) []Event {
	all := true
	for _, h := range w.hosts {
		h.works = h.steady(now, w.cfg.Every)
		all = all && h.works
	}
	if !all || len(w.hosts) == 0 || w.Over() {
		return nil
	}
	return w.End(flow.CheckWorks, now)
}

// steady reports whether every address of the host has answered often enough. Where DNS keeps
// returning other addresses, each has to answer once, if no try failed for as long.
func (h *host) steady(now time.Time, every time.Duration) bool {
	if h.asking || !h.proxied && h.newest == nil {
		return false
	}
	least, all := Enough, 0
	for _, a := range h.addrs {
		if !a.Gone {
			least, all = min(least, a.InRow), all+1
		}
	}
	rotates := h.row >= Enough*all && now.Sub(h.rowSince) >= Enough*every
	return all > 0 && (least >= Enough || least > 0 && rotates)
}

// End ends the watch, unless it is over.
func (w *Watch) End(outcome flow.CheckOutcome, now time.Time) []Event {
	if w.Over() {
		return nil
	}
	w.check.Outcome, w.check.Ended = outcome, now
	return []Event{{At: now, Kind: Ended}}
}

// Over reports whether the watch has ended.
func (w *Watch) Over() bool { return w.check.Outcome != flow.CheckPending }

// SetFlow says which flow has what is learned of a host.
func (w *Watch) SetFlow(authority string, id flow.ID) { w.host(authority).flow = id }

// Check returns what is known so far. It shares nothing that is written to.
func (w *Watch) Check() flow.Check {
	c := w.check
	for _, h := range w.hosts {
		out := flow.HostCheck{Authority: h.authority, Flow: h.flow, DNS: h.answers, Works: h.works}
		for _, a := range h.addrs {
			out.Addresses = append(out.Addresses, a.AddressCheck)
			if h.works && !a.Gone && a.Since.After(out.Since) {
				out.Since = a.Since
			}
		}
		c.Hosts = append(c.Hosts, out)
	}
	return c
}

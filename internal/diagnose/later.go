package diagnose

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
	"detour/internal/wording"
)

// An outageOfHost is what is known of a host's addresses since they failed.
type outageOfHost struct {
	until    time.Time // the last instant at which one of the addresses is known to have failed
	checks   []check   // the last check of each address that was checked since, by address
	checked  time.Time // when the last of them was checked
	accepted time.Time // when the host first accepted a connection of a request after until
}

// A check is the last result of an address.
type check struct {
	addr      netip.AddrPort
	connected bool      // it accepted the connection
	answered  bool      // and what was asked over it was answered
	steady    bool      // this was so often enough: watching means to see whether it stays so
	since     time.Time // when it was seen first that it answers, or that it doesn't
	at        time.Time // when it was seen last
}

// inRow is how many answers in a row show that an address which is watched works again.
const inRow = 3

// A silence is from when to when an address is known to have failed.
type silence struct{ from, to time.Time }

// outageOf adds what later checks show to the addresses that failed. Where none of these was
// checked since, the name leads elsewhere by now, and the addresses that were checked count.
func outageOf(failed map[netip.AddrPort]silence, later []flow.Later) *outageOfHost {
	b := &outageOfHost{}
	for _, s := range failed {
		if s.to.After(b.until) {
			b.until = s.to
		}
	}
	last := make(map[netip.AddrPort]check)
	later = slices.Clone(later)
	slices.SortStableFunc(later, func(a, b flow.Later) int { return a.At.Compare(b.At) })
	for _, l := range later {
		since := failed[l.Addr].to
		if !l.Answered() {
			since = failed[l.Addr].from // while a connect hung, it failed as well
		}
		if l.Kind == flow.LaterOther || l.Via != "" || !l.Addr.IsValid() || !l.At.After(since) ||
			l.Outcome == flow.DialCanceled || l.Outcome == flow.DialPending {
			continue // of another path, of before, or without a result
		}
		at, c := l.End(), last[l.Addr]
		if c.at.IsZero() || c.answered != l.Answered() {
			c = check{addr: l.Addr, answered: l.Answered(), since: at}
		}
		c.at, c.connected = at, l.Outcome == flow.DialConnected
		c.steady = l.Kind != flow.LaterWatch || l.InRow >= inRow
		last[l.Addr] = c
	}
	elsewhere := true
	for a := range failed {
		elsewhere = elsewhere && last[a].at.IsZero()
	}
	for a, c := range last {
		if _, had := failed[a]; !had && !elsewhere {
			continue
		}
		b.checks = append(b.checks, c)
		if c.at.After(b.checked) {
			b.checked = c.at
		}
		if !c.answered && c.at.After(b.until) {
			b.until = c.at
		}
	}
	if !elsewhere {
		for a := range failed { // what wasn't checked isn't known to respond
			if last[a].at.IsZero() {
				b.checks = append(b.checks, check{addr: a})
			}
		}
	}
	slices.SortFunc(b.checks, func(x, y check) int { return x.addr.Compare(y.addr) })
	return b
}

// note adds a flow's connections.
func (b *outageOfHost) note(f *flow.Flow) {
	b.noteConn(f.Conn)
	for _, c := range f.Unused {
		b.noteConn(c)
	}
}

func (b *outageOfHost) noteConn(c *flow.Conn) {
	b.acceptedAlso(c)
	at := ending.Accepted(c)
	if at.IsZero() || at.Before(b.until) || !b.accepted.IsZero() && b.accepted.Before(at) {
		return
	}
	b.accepted = at
}

// acceptedAlso counts an address that accepted a request's connection as one that responds, if it
// wasn't checked: of an address that lost the race, a check is made, and none of the winner.
func (b *outageOfHost) acceptedAlso(c *flow.Conn) {
	at := ending.Accepted(c)
	if at.IsZero() || at.Before(b.until) {
		return
	}
	for i := range b.checks {
		if x := &b.checks[i]; x.addr == c.Winner().Addr && x.at.IsZero() {
			x.connected, x.answered, x.steady, x.since, x.at = true, true, true, at, at
		}
	}
}

// works reports whether all addresses answer, and since when.
func (b *outageOfHost) works() (since time.Time, all bool) {
	for _, c := range b.checks {
		if !c.answered || !c.steady {
			return since, false
		}
		if c.since.After(since) {
			since = c.since
		}
	}
	return since, len(b.checks) > 0
}

// back is since when the host responds; zero if it isn't known to.
func (b *outageOfHost) back() time.Time {
	if since, all := b.works(); all && (b.accepted.IsZero() || since.Before(b.accepted)) {
		return since
	}
	return b.accepted
}

// lasts reports whether a host isn't known to respond at an instant.
func (b *outageOfHost) lasts(at time.Time) bool {
	return b != nil && (b.back().IsZero() || at.Before(b.back()))
}

// checks says what later checks of the group's addresses show, a line for each host.
func (g group) checks() (out []string) {
	for _, host := range g.Hosts() {
		b := g.outages[host]
		if b == nil {
			continue
		}
		if !b.checked.IsZero() {
			out = append(out, host+": "+b.says())
		}
	}
	return out
}

// says is what the checks show, in a sentence.
func (b *outageOfHost) says() string {
	connected, unanswered := 0, 0
	for _, c := range b.checks {
		if c.connected {
			connected++
			if !c.answered {
				unanswered++
			}
		}
	}
	of := fmt.Sprintf("%d of %s", connected, wording.Count(len(b.checks), "address"))
	if since, all := b.works(); all {
		return "checked again: " + of + " respond since " + clock(since)
	}
	s := "checked again at " + clock(b.checked) + ": " + of + " responded"
	if unanswered > 0 {
		s += fmt.Sprintf(", and TLS or the request failed at %d of these", unanswered)
	}
	return s
}

// publicChecks says how the public addresses of the group's hosts responded when they were tried,
// and whether one did while the host's own didn't.
func (g group) publicChecks() (out []string, works bool) {
	for _, host := range g.Hosts() {
		h := g.all.hosts[host]
		if h == nil {
			continue
		}
		last := make(map[netip.AddrPort]flow.Later)
		var at time.Time
		for _, l := range h.later {
			if l.Kind == flow.LaterOther && l.Outcome != flow.DialPending && l.Outcome != flow.DialCanceled && !l.At.Before(last[l.Addr].At) {
				last[l.Addr] = l
			}
		}
		n := 0
		for _, l := range last {
			if l.Outcome == flow.DialConnected {
				n++
			}
			if end := l.End(); end.After(at) {
				at = end
			}
		}
		if len(last) > 0 {
			works = works || n > 0 && g.outages[host].lasts(at)
			out = append(out, fmt.Sprintf("%s: %d of %s responded when they were tried at %s", host, n,
				wording.Count(len(last), "public address"), clock(at)))
		}
	}
	return out, works
}

// clock is an instant as evidence has it.
func clock(at time.Time) string { return at.UTC().Format("15:04:05 UTC") }

// weighWhatCameLater adds how requests whose own connects got no answer were carried after all, and
// what later checks show.
func (g group) weighWhatCameLater(f *flow.Finding, r Rule) {
	var waited []time.Duration
	for _, x := range g.Set {
		if x.Response != nil && !r.lasting {
			waited = append(waited, answeredAt(x).Sub(x.Conn.Start))
		}
	}
	if n := len(waited); n > 0 {
		f.Because = append(f.Because, fmt.Sprintf("%d of %s got a response after all, over a connection that was accepted later", n,
			wording.Count(len(g.Set), "request")))
		if n == len(g.Set) && slices.Max(waited) < fewSYNs {
			f.Confidence = flow.ConfidenceLow
			f.Title = fmt.Sprintf("%s: the first SYNs got no answer, and a later one did: consistent with lost packets, or with a path that was "+
				"opened meanwhile", g.HostList())
			f.Alternatives = []string{"an address that was busy, or a device on the path that delays new connections"}
		}
	}
	f.Because = append(f.Because, g.checks()...)
}

// fewSYNs is how long a connect takes that lost three SYNs (RFC 6298, 5.5), and a little longer.
const fewSYNs = 8 * time.Second

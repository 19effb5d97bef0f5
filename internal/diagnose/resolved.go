package diagnose

import (
	"net/netip"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

// resolve marks a finding as resolved if what failed has been answered since: each address or
// host of a connect, or each host over a newer connection; where responses are the problem, each call.
func (g group) resolve(f *flow.Finding, r Rule) {
	var since time.Time
	var ok bool
	what := "each of these hosts has responded since"
	switch {
	case r.tier == tierAnswer:
		what = "each of these calls has succeeded since"
		since, ok = g.succeeded()
	case r.informational:
		return
	case g.outages != nil:
		since, ok = g.connectedSince()
	case !r.lasting:
		since, ok = g.respondedSince()
	}
	if !ok {
		return
	}
	f.Level, f.Resolved, f.ResolvedAt, f.Provisional = flow.LevelNotice, true, since, false
	f.Because = append(f.Because, what)
}

// succeeded is when the last of the group's calls succeeded first after it had failed.
func (g group) succeeded() (since time.Time, ok bool) {
	last := make(map[callAt]flow.ID)
	for _, x := range g.Set {
		c := callOf(&g.all, x)
		if c.host.lastSuccess[c.operation] < x.ID {
			return since, false
		}
		last[c] = x.ID
	}
	first := make(map[callAt]time.Time)
	for x := range g.all.flows {
		if !succeeds(x) {
			continue
		}
		c := callOf(&g.all, x)
		if id, known := last[c]; known && x.ID > id && first[c].IsZero() {
			first[c] = x.Times.Done
		}
	}
	return latest(first), true
}

// A callAt is an operation at a host.
type callAt struct {
	host      *hostRecord
	operation string
}

func callOf(o *overview, f *flow.Flow) callAt { return callAt{o.hosts.of(f), flowset.OperationOf(f)} }

// respondedSince is when the last of the group's hosts responded first over a connection that
// is newer than that of its last failure.
func (g group) respondedSince() (since time.Time, ok bool) {
	last := make(map[*hostRecord]*flow.Flow)
	for _, x := range g.Set {
		last[g.all.hosts.of(x)] = x
	}
	after := func(a, x *flow.Flow) bool {
		return a != nil && a.ID >= x.ID && (x.Conn == nil || !a.Conn.Start.Before(x.Conn.Start))
	}
	for h, x := range last {
		if !after(h.lastAnswer, x) {
			return since, false
		}
	}
	first := make(map[*hostRecord]time.Time)
	for a := range g.all.flows {
		h := g.all.hosts.of(a)
		if x := last[h]; x != nil && first[h].IsZero() && answers(a) && after(a, x) {
			first[h] = answeredAt(a)
		}
	}
	return latest(first), true
}

// answeredAt is when a flow's response began; its end, if that isn't known.
func answeredAt(f *flow.Flow) time.Time {
	if !f.Times.FirstByte.IsZero() {
		return f.Times.FirstByte
	}
	return f.Times.Done
}

// latest is the latest of some instants.
func latest[K comparable](of map[K]time.Time) (last time.Time) {
	for _, at := range of {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// connectedSince is when the last of the group's hosts accepted a connection first after its last
// connect that failed; or when all addresses that had failed accepted one, as a later check shows.
func (g group) connectedSince() (since time.Time, ok bool) {
	back := make(map[string]time.Time)
	for host, o := range g.outages {
		if back[host] = o.back(); back[host].IsZero() {
			return since, false
		}
	}
	return latest(back), true
}

// outagesOf is what is known of the group's hosts since their connects failed. Where some addresses
// respond and others don't, a request shows nothing, and only a later check does.
func (g group) outagesOf(r Rule) map[string]*outageOfHost {
	if !g.Each(func(x *flow.Flow) bool { return !ending.FromHAR(x) && len(flowset.Attempts(x)) > 0 }) {
		return nil
	}
	byHost := make(map[string]*outageOfHost)
	byRecord := make(map[*hostRecord]*outageOfHost)
	for host, failed := range g.failedAddresses() {
		h := g.all.hosts[host]
		byHost[host] = outageOf(failed, h.later)
		byRecord[h] = byHost[host]
	}
	if !r.lasting {
		for a := range g.all.flows {
			if o := byRecord[g.all.hosts.of(a)]; o != nil && ending.Concerns(a) {
				o.note(a)
			}
		}
	}
	return byHost
}

// failedAddresses are the addresses that failed, by host, and from when to when they were seen to.
func (g group) failedAddresses() map[string]map[netip.AddrPort]silence {
	out := make(map[string]map[netip.AddrPort]silence)
	for _, f := range g.Set {
		h := flowset.HostOf(f)
		if out[h] == nil {
			out[h] = make(map[netip.AddrPort]silence)
		}
		tried := flowset.Attempts(f)
		if f.Conn.Winner() != nil { // some addresses respond
			tried = deadAttempts(f, g.now)
		}
		for _, a := range tried {
			s, at := out[h][a.Addr], ending.LastSYN(a, ending.LastInstant(f, g.now))
			if s.from.IsZero() || a.Start.Before(s.from) {
				s.from = a.Start
			}
			if at.After(s.to) {
				s.to = at
			}
			out[h][a.Addr] = s
		}
	}
	return out
}

package diagnose

import (
	"cmp"
	"slices"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

// claims are the flows that each rule explains. A flow is claimed by the first rule that
// explains its failure, by the one that explains a connection of its own that got no answer,
// and by every informational one that applies to it.
func claims(rules []Rule, now time.Time, o *overview) [][]*flow.Flow {
	claimed := make([][]*flow.Flow, len(rules))
	for _, s := range o.suspects {
		f := s.Flow
		failing, noteworthy := s.failing, s.noteworthy || o.slow[f.ID]
		at := now
		if f.Final() {
			at = f.Times.Done
		}
		if i, own := claimsDial(rules, f, at); own != nil {
			claimed[i] = append(claimed[i], own)
			failing = badAnswer(f)
		}
		failing = failing && !o.cancelled[f.ID]
		for i := range rules {
			switch r := &rules[i]; {
			case r.informational && noteworthy && r.applies(f, at, o):
				claimed[i] = append(claimed[i], f)
			case !r.informational && failing && r.applies(f, at, o):
				claimed[i] = append(claimed[i], f)
				failing = false
			}
		}
	}
	join(rules, claimed)
	dropMeasuredHangs(rules, claimed)
	return claimed
}

// claimsDial is the rule that explains why a connection that f itself began got no answer, if
// another one carried f, or the same one when an address accepted it at last; own is f as it
// stood until then, and nil if there is no such connection.
func claimsDial(rules []Rule, f *flow.Flow, at time.Time) (rule int, own *flow.Flow) {
	c := ending.SilentDial(f, at)
	if c == nil || c == f.Conn && !f.Reused || !ending.Concerns(f) {
		return 0, nil
	}
	stood := *f
	stood.Conn, stood.Reused, stood.Unused = c, false, nil
	for i := range rules {
		if rules[i].connects && rules[i].match(&stood, at) {
			return i, &stood
		}
	}
	return 0, nil
}

// join moves flows whose own record doesn't say why they failed to the rule that explains
// other calls to the same host.
func join(rules []Rule, claimed [][]*flow.Flow) {
	index := make(map[string]int, len(rules))
	for i := range rules {
		index[rules[i].Code] = i
	}
	move := func(from, to int, which func(*flow.Flow) bool) {
		if from == to {
			return
		}
		moved := false
		claimed[from] = slices.DeleteFunc(claimed[from], func(f *flow.Flow) bool {
			if !which(f) {
				return false
			}
			claimed[to], moved = append(claimed[to], f), true
			return true
		})
		if moved {
			slices.SortFunc(claimed[to], func(a, b *flow.Flow) int { return cmp.Compare(a.ID, b.ID) })
		}
	}
	unanswered, without := index["direct-calls-unanswered"], index["direct-calls-without-connection"]
	if len(claimed[unanswered]) > 0 {
		move(without, unanswered, func(*flow.Flow) bool { return true })
	}
	for to := range rules {
		r := &rules[to]
		explains := r.Level == flow.LevelProblem && r.Code != "calls-failed" && (r.tier == tierNetwork || r.Code == answerNotFromAWSCode)
		if !explains || len(claimed[to]) == 0 {
			continue
		}
		hosts := make(map[string]bool)
		for _, f := range claimed[to] {
			hosts[flowset.HostOf(f)] = true
		}
		alike := func(f *flow.Flow) bool {
			return ending.FromHAR(f) && hosts[flowset.HostOf(f)] && (!knowsWhy(f) || ending.GaveUp(f) || ending.Pending(f))
		}
		move(index["calls-failed"], to, alike)
		move(index["calls-pending"], to, alike)
		if to != without {
			move(without, to, alike)
		}
	}
}

// mayFail reports whether a rule may explain a flow's failure: it is for an AWS host, or
// for one that was probed, and has no response, or only some of its addresses respond;
// or the client rejected detour's certificate. Most flows end here.
func mayFail(f *flow.Flow, now time.Time) bool {
	if ending.RefusedUs(f) || notFromAWS(f) || badAnswer(f) || refusedPreflight(f) || keptFromPage(f) || unreadable(f) {
		return true
	}
	if !ending.Concerns(f) || f.Conn == nil {
		return false
	}
	if ending.Reached(f) {
		if ending.SilentDial(f, now) != nil {
			return true
		}
		late := f.Conn.Resolution != nil && f.Conn.Resolution.Took >= slowLookup
		return !f.Reused && (late || len(f.Conn.Attempts) > 1 || f.Conn.Resolution != nil && len(f.Conn.Resolution.Each) > 1)
	}
	return !f.Final() || f.Failure != nil && f.Failure.Stage != flow.StageProxy
}

// mayBeNoted reports whether an informational rule may apply to a flow that works. Most flows end here.
func mayBeNoted(f *flow.Flow) bool {
	if f.Conn == nil || !ending.Concerns(f) {
		return false
	}
	if f.Exporter.OmitsFailed() || f.Exporter.OmitsPending() && f.Origin == flow.OriginTelemetry {
		return true
	}
	if !f.Final() || !ending.Reached(f) {
		return false
	}
	if t := f.Conn.TLS; t != nil && t.Issued == flow.IssuerPrivate {
		return true
	}
	r := f.Conn.Resolution
	if r == nil {
		return false
	}
	if r.Source == flow.SourceHosts || r.Before != nil || r.Wire != nil || len(r.HTTPS) > 0 {
		return true
	}
	if len(r.Addrs) == 0 {
		return false
	}
	first := flow.ScopeOf(r.Addrs[0])
	return first == flow.ScopeBenchmark || first.InVPC() && r.AllInVPC()
}

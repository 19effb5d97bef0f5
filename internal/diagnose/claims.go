package diagnose

import (
	"time"

	"detour/internal/flow"
)

// claims are the flows that each rule explains. A flow is claimed by the first rule that
// explains its failure, and by every informational one that applies to it.
func claims(rules []Rule, flows []*flow.Flow, now time.Time) [][]*flow.Flow {
	claimed := make([][]*flow.Flow, len(rules))
	for _, f := range flows {
		failing, noteworthy := mayFail(f), mayBeNoted(f)
		if !failing && !noteworthy {
			continue
		}
		at := now
		if f.Final() {
			at = f.Times.Done
		}
		for i := range rules {
			switch r := &rules[i]; {
			case r.informational && noteworthy && r.match(f, at):
				claimed[i] = append(claimed[i], f)
			case !r.informational && failing && r.match(f, at):
				claimed[i] = append(claimed[i], f)
				failing = false
			}
		}
	}
	return claimed
}

// mayFail reports whether a rule may explain a flow's failure: it is for an AWS host, or
// for one that was probed, and has no response, or only some of its addresses respond;
// or the client rejected detour's certificate. Most flows end here.
func mayFail(f *flow.Flow) bool {
	if refusedUs(f) || notFromAWS(f) || badAnswer(f) {
		return true
	}
	if !concerns(f) || f.Conn == nil {
		return false
	}
	if reached(f) {
		return !f.Reused && (len(f.Conn.Attempts) > 1 || f.Conn.Resolution != nil && len(f.Conn.Resolution.Each) > 1)
	}
	return !f.Final() || f.Failure != nil && f.Failure.Stage != flow.StageProxy
}

// mayBeNoted reports whether an informational rule may apply to a flow that works. Most flows end here.
func mayBeNoted(f *flow.Flow) bool {
	if !f.Final() || f.Conn == nil || !concerns(f) || !reached(f) {
		return false
	}
	if t := f.Conn.TLS; t != nil && t.Issued == flow.IssuerPrivate {
		return true
	}
	r := f.Conn.Resolution
	return r != nil && (r.Source == flow.SourceHosts || r.Before != nil || r.Wire != nil || len(r.HTTPS) > 0 || r.AllInVPC())
}

// reached reports whether a server responded; for a probe that asked for no more,
// whether it accepted the connection.
func reached(f *flow.Flow) bool {
	return f.Response != nil || f.Source == flow.SourceProbe && f.Final() && f.Failure == nil
}

// concerns reports whether a flow is for AWS, or for a host that was named.
func concerns(f *flow.Flow) bool {
	return f.Source == flow.SourceProbe || f.Origin != flow.OriginOther && f.Origin != ""
}

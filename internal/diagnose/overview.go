package diagnose

import (
	"slices"

	"detour/internal/flow"
)

// An overview is what all flows together show.
type overview struct {
	answeredConsole int                   // console-origin calls with a response
	publicHosts     []string              // AWS hosts that responded from public addresses
	privateHosts    []string              // … from addresses that may be in a VPC
	lastAnswer      map[string]*flow.Flow // by host
	lastSuccess     map[calling]flow.ID   // by call
	pages           []*flow.Flow          // loads of console pages, in order
}

// A calling is an operation at a host.
type calling struct{ host, operation string }

func callOf(host string, f *flow.Flow) calling {
	if f.AWS == nil {
		return calling{host: host}
	}
	return calling{host, f.AWS.Operation}
}

// survey looks at the flows that got a response.
func survey(flows []*flow.Flow) overview {
	o := overview{lastAnswer: make(map[string]*flow.Flow), lastSuccess: make(map[calling]flow.ID)}
	public, private := make(map[string]bool), make(map[string]bool)
	for _, f := range flows {
		if !reached(f) || !concerns(f) || f.Conn == nil || notFromAWS(f) {
			continue
		}
		if f.Origin == flow.OriginConsole && f.AWS.IsCall() {
			o.answeredConsole++
		}
		if isPage(f) {
			o.pages = append(o.pages, f)
		}
		h := hostOf(f)
		if f.Response != nil && !badAnswer(f) && f.Response.Status < 400 {
			o.lastSuccess[callOf(h, f)] = f.ID
		}
		w := f.Conn.Winner()
		if w == nil {
			continue
		}
		o.lastAnswer[h] = f
		switch s := flow.ScopeOf(w.Addr.Addr()); {
		case s.InVPC():
			private[h] = true
		case s == flow.ScopePublic:
			public[h] = true
		}
	}
	o.publicHosts, o.privateHosts = keys(public), keys(private)
	return o
}

func keys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

package diagnose

import (
	"net/netip"
	"slices"
	"time"

	"detour/internal/flow"
)

// An overview is what all flows together show.
type overview struct {
	answeredConsole int                   // console-origin calls with a response
	flows           []*flow.Flow          // all of them
	lastAnswer      map[string]*flow.Flow // by host
	lastSuccess     map[calling]flow.ID   // by call
	pages           []*flow.Flow          // loads of console pages, by their start
	beacons         []*flow.Flow          // the pages' own measurements, in order
	operations      map[string]bool       // that are called in any flow but a beacon, of files that leave some out

	answers           map[string]bool         // hosts that responded to anything, even a preflight
	called            map[string]bool         // hosts that responded to a call that isn't a preflight
	refusedPreflights map[string]bool         // hosts that answered a preflight without permission
	permitted         map[string]bool         // hosts that answered a preflight with permission
	resolvedBy        map[netip.AddrPort]bool // nameservers that resolved a name
	trusted           map[string]bool         // hosts whose certificate was accepted
	portal            bool                    // several hosts present a certificate for the same other names
	clockRight        bool                    // a response's Date agrees with the time of a signature
	lastResponse      time.Time               // when any host responded last
	outage            *outage                 // since nothing responds; nil if something does
	givenUp           map[flow.ID]bool        // calls that a page cancelled for want of a connection
	asked             map[flow.ID]bool        // calls that the client gave up and a reachable host didn't answer
	slow              map[flow.ID]bool        // calls that took long while others didn't
	quickest          time.Duration           // the shortest time to a response's first byte; 0 if none is known
	cancelled         map[flow.ID]bool        // calls whose end says nothing
}

// A calling is an operation at a host.
type calling struct{ host, operation string }

func callOf(host string, f *flow.Flow) calling {
	if f.AWS == nil {
		return calling{host: host}
	}
	return calling{host, f.AWS.Operation}
}

// survey looks at all flows as of now.
func survey(flows []*flow.Flow, now time.Time) overview {
	o := overview{
		lastAnswer: make(map[string]*flow.Flow), lastSuccess: make(map[calling]flow.ID), operations: make(map[string]bool),
		answers: make(map[string]bool), called: make(map[string]bool), refusedPreflights: make(map[string]bool), permitted: make(map[string]bool),
		resolvedBy: make(map[netip.AddrPort]bool), trusted: make(map[string]bool),
	}
	o.flows = flows
	names := make(hostNames)
	for _, f := range flows {
		o.note(f, names)
		if !reached(f) || !concerns(f) || f.Conn == nil || notFromAWS(f) {
			continue
		}
		if f.Origin == flow.OriginConsole && f.AWS.IsCall() {
			o.answeredConsole++
		}
		if isPage(f) {
			o.pages = append(o.pages, f)
		}
		h := names.of(f)
		if f.Response != nil && !badAnswer(f) && f.Response.Status < 400 {
			o.lastSuccess[callOf(h, f)] = f.ID
		}
		w := f.Conn.Winner()
		if w == nil {
			continue
		}
		if f.Request.Method != "OPTIONS" { // a preflight's answer isn't that of a call
			o.lastAnswer[h] = f
		}
		if r := f.Conn.Resolution; r != nil && r.Nameserver.IsValid() && r.Outcome == flow.DNSOK {
			o.resolvedBy[r.Nameserver] = true
		}
		if t := f.Conn.TLS; t != nil && t.Outcome == flow.TLSOK {
			o.trusted[h] = true
		}
	}
	slices.SortFunc(o.pages, byStart)
	o.slow, o.quickest = slowCalls(flows, names)
	o.portal = portalOf(flows)
	o.outage = outageOf(flows, now)
	o.givenUp, o.asked, o.cancelled = cancellations(flows, &o)
	for _, f := range flows {
		// Firefox writes a call that the page cancelled like one that failed.
		if f.Exporter.NamesReasons() || f.Response != nil {
			continue
		}
		k := kindOf(f)
		if (k == flow.KindNoResponse || k == flow.KindNeverSent) && o.lastSuccess[callOf(hostOf(f), f)] > f.ID {
			o.cancelled[f.ID] = true
		}
	}
	return o
}

// note adds what doesn't depend on the connection.
func (o *overview) note(f *flow.Flow, names hostNames) {
	if f.Origin == flow.OriginTelemetry {
		if len(measures(f)) > 0 {
			o.beacons = append(o.beacons, f)
		}
	} else if f.Exporter.OmitsPending() && f.AWS != nil && f.AWS.Operation != "" {
		o.operations[f.AWS.Operation] = true
	}
	if f.Response == nil || !concerns(f) {
		return
	}
	if f.AWS != nil && f.AWS.ClockSkew != 0 && !skewed(f) {
		o.clockRight = true
	}
	if f.Times.Done.After(o.lastResponse) {
		o.lastResponse = f.Times.Done
	}
	host := names.of(f)
	o.answers[host] = true
	switch {
	case refusedPreflight(f):
		o.refusedPreflights[host] = true
	case f.Request.Method == "OPTIONS":
		o.permitted[host] = o.permitted[host] || f.Response.Status < 300
	case !unreadable(f):
		o.called[host] = true
	}
}

func keys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// hostNames are hosts by authority, so that each is read once.
type hostNames map[string]string

func (n hostNames) of(f *flow.Flow) string {
	a := authorityOf(f)
	h, known := n[a]
	if !known {
		h = hostOf(f)
		n[a] = h
	}
	return h
}

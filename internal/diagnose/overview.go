package diagnose

import (
	"iter"
	"net/netip"
	"slices"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/diagnose/screen"
	"detour/internal/diagnose/timeline"
	"detour/internal/diagnose/unjudged"
	"detour/internal/flow"
)

// An overview is what all flows together show.
type overview struct {
	flows           iter.Seq[*flow.Flow]    // all of them; each is valid until the next one
	hosts           hostRecords             // what the flows of each host show
	answeredConsole int                     // console-origin calls with a response
	answered        bool                    // a host responded to anything, even a preflight
	trusted         int                     // hosts whose certificate was accepted
	pages           []*flow.Flow            // loads of console pages, by their start
	beacons         []*flow.Flow            // the pages' own measurements, in order
	operations      map[string]bool         // that are called in any flow but a beacon, of files that leave some out
	resolvedBy      map[netip.AddrPort]bool // nameservers that resolved a name
	clockRight      bool                    // a response's Date agrees with the time of a signature
	lastResponse    time.Time               // when any host responded last
	quickest        time.Duration           // the shortest time to a response's first byte; 0 if none is known
	portal          bool                    // several hosts present a certificate for the same other names
	outage          *outage                 // since nothing responds; nil if something does
	givenUp         map[flow.ID]bool        // calls that a page cancelled for want of a connection
	asked           map[flow.ID]bool        // calls that the client gave up and a reachable host didn't answer
	slow            map[flow.ID]bool        // calls that took long while others didn't
	cancelled       map[flow.ID]bool        // calls whose end says nothing
	suspects        []suspect               // the flows that a rule may be about, in order
	rules           []Rule
	broken          unjudged.Rules // those that panicked

	lastReached time.Time                  // the start of the last request that reached a server
	unreached   []*flow.Flow               // flows that no server responded to, or not yet
	foreign     map[string]map[string]bool // names of other servers' certificates, and the hosts that present them
}

// A suspect is a flow that a rule may explain, or that an informational one may be about.
type suspect struct {
	*flow.Flow
	failing, noteworthy bool
}

// survey looks at all flows as of now. It reads each of them once: of many flows, most are
// healthy, and what it costs to judge those is what it costs to read them. What is left is
// about those that a server didn't respond to.
func survey(flows []*flow.Flow, now time.Time) overview {
	o := newOverview(slices.Values(flows))
	for _, f := range flows {
		o.note(f, now)
	}
	o.conclude(now)
	return o
}

func newOverview(flows iter.Seq[*flow.Flow]) overview { return newOverviewOf(Rules(), flows) }

func newOverviewOf(rules []Rule, flows iter.Seq[*flow.Flow]) overview {
	broken := make(unjudged.Rules)
	return overview{
		rules: guarded(rules, broken), broken: broken, flows: flows, hosts: make(hostRecords), operations: make(map[string]bool),
		resolvedBy: make(map[netip.AddrPort]bool), foreign: make(map[string]map[string]bool),
	}
}

// conclude adds what is known once all flows are noted.
func (o *overview) conclude(now time.Time) {
	slices.SortFunc(o.pages, timeline.ByStart)
	o.slow = o.hosts.slowCalls(o.quickest)
	o.portal = o.onePortal()
	o.outage = o.outageAt(now)
	o.givenUp, o.asked, o.cancelled = cancellations(o)
	for _, f := range o.unreached {
		// Firefox writes a call that the page cancelled like one that failed.
		if f.Exporter.NamesReasons() {
			continue
		}
		k := ending.Kind(f)
		if (k == flow.KindNoResponse || k == flow.KindNeverSent) && o.hosts.of(f).lastSuccess[flowset.OperationOf(f)] > f.ID {
			o.cancelled[f.ID] = true
		}
	}
}

// note adds one flow.
func (o *overview) note(f *flow.Flow, now time.Time) {
	h := o.hosts.of(f)
	o.noteBeacon(f)
	slow := o.noteWait(f, h)
	if failing, noteworthy := mayFail(f, now), mayBeNoted(f) && o.isNoted(f, now); failing || noteworthy || slow {
		o.suspects = append(o.suspects, suspect{f, failing, noteworthy})
	}
	if len(f.Later) > 0 {
		h.later = append(h.later, f.Later...)
	}
	if names := foreignNames(f); names != "" {
		o.noteForeign(f, names)
	}
	if !ending.Reached(f) {
		o.unreached = append(o.unreached, f)
		return
	}
	h.reached = true
	if f.Times.Start.After(o.lastReached) {
		o.lastReached = f.Times.Start
	}
	if !ending.Concerns(f) {
		return
	}
	o.noteResponse(f, h)
	if f.Conn != nil && !notFromAWS(f) {
		o.noteConn(f, h)
	}
}

// isNoted reports whether an informational rule is about a flow, or may be once all are known.
func (o *overview) isNoted(f *flow.Flow, now time.Time) bool {
	at := now
	if f.Final() {
		at = f.Times.Done
	}
	for i := range o.rules {
		if r := &o.rules[i]; r.informational && r.match(f, at) {
			return true
		}
	}
	return f.Exporter.OmitsPending() && f.Origin == flow.OriginTelemetry
}

// noteBeacon adds what a page measured, and which calls a file has.
func (o *overview) noteBeacon(f *flow.Flow) {
	if f.Origin == flow.OriginTelemetry {
		if len(timeline.Measures(f)) > 0 {
			o.beacons = append(o.beacons, f)
		}
	} else if f.Exporter.OmitsPending() {
		for _, operation := range f.AWS.MayBe() {
			o.operations[operation] = true
		}
	}
}

// noteResponse adds what doesn't depend on the connection.
func (o *overview) noteResponse(f *flow.Flow, h *hostRecord) {
	if f.Response == nil {
		return
	}
	if f.AWS != nil && f.AWS.ClockSkew != 0 && !skewed(f) {
		o.clockRight = true
	}
	if f.Times.Done.After(o.lastResponse) {
		o.lastResponse = f.Times.Done
	}
	o.answered, h.answered = true, true
	if h.firstAnswer == nil || f.Times.Start.Before(h.firstAnswer.Times.Start) {
		h.firstAnswer = f
	}
	switch {
	case refusedPreflight(f):
		h.refusedPreflight = true
	case f.Request.Method == "OPTIONS":
		h.permitted = h.permitted || f.Response.Status < 300
	case !unreadable(f):
		h.called = true
	}
}

// succeeds reports whether a call was answered without an error.
func succeeds(f *flow.Flow) bool {
	return f.Response != nil && f.Conn != nil && f.Response.Status < 400 && ending.Concerns(f) && !badAnswer(f) && !notFromAWS(f)
}

// answers reports whether a server answered a call, over a connection that is known. A preflight's
// answer isn't that of a call.
func answers(f *flow.Flow) bool {
	return f.Request.Method != "OPTIONS" && f.Conn.Winner() != nil && ending.Reached(f) && ending.Concerns(f) && !notFromAWS(f)
}

// noteConn adds a response of AWS's, and how it was reached.
func (o *overview) noteConn(f *flow.Flow, h *hostRecord) {
	if f.Origin == flow.OriginConsole && f.AWS.IsCall() {
		o.answeredConsole++
	}
	if screen.IsPage(f) {
		o.pages = append(o.pages, f)
	}
	if succeeds(f) {
		h.succeeded(f)
	}
	if f.Conn.Winner() == nil {
		return
	}
	if answers(f) {
		h.lastAnswer = f
	}
	if r := f.Conn.Resolution; r != nil && r.Nameserver.IsValid() && r.Outcome == flow.DNSOK {
		o.resolvedBy[r.Nameserver] = true
	}
	if t := f.Conn.TLS; t != nil && t.Outcome == flow.TLSOK && !h.trusted {
		h.trusted = true
		o.trusted++
	}
}

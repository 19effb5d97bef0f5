package intake

import (
	"iter"
	"net/netip"
	"slices"
	"time"

	"detour/internal/aws"
	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/flow/packed"
	"detour/internal/har"
)

// A held keeps the flows of one HAR, or of JSON Lines, without their bodies and header fields, until all are read and can be
// judged. The zero value is empty.
type held struct {
	flows   packed.Flows
	peers   peers
	latest  time.Time                 // start or end of a flow, as it was added
	late    map[flow.ID]time.Duration // what their responses' Date adds to flows
	proxies []netip.Addr              // addresses that aren't the servers'
	bodies  *cleanBodies              // of the flows, in order; nil: they aren't read again
	failed  failedFlows               // if they are
}

// newHeld returns one of flows whose bodies and header fields are read again if the Reader reads those.
func (r Reader) newHeld() *held {
	if !r.Whole {
		return &held{}
	}
	return &held{bodies: &cleanBodies{}}
}

// add prepares a flow and adds it to those before it, whose IDs are lower.
func (h *held) add(in *Intake, f *flow.Flow) {
	note := h.bodies.before(f)
	in.into(h.flows.Whole(), f)
	note()
	h.peers.add(f)
	h.latest = LastInstant([]*flow.Flow{f, {Times: flow.Times{Start: h.latest}}})
	if h.bodies != nil {
		h.failed.add(f)
	}
	f.DropBodies()
	f.DropHeaders()
	if aws.Prepares(f) { // a later flow may name its call
		h.flows.Keep(f)
		return
	}
	h.flows.Add(f)
}

// all returns the flows with their corrections. They are different ones each time, except those that
// need none.
func (h *held) all(in *Intake) iter.Seq[*flow.Flow] {
	return func(yield func(*flow.Flow) bool) {
		for f := range h.flows.All() {
			if !yield(h.corrected(in, f)) {
				return
			}
		}
	}
}

// corrected is a flow with what was learned of it from others.
func (h *held) corrected(in *Intake, f *flow.Flow) *flow.Flow {
	if len(h.late) == 0 && len(h.proxies) == 0 {
		return f
	}
	x := *f
	if by := h.late[f.ID]; by > 0 {
		x = *har.Prolonged(f, by)
	}
	x.Conn = har.ThroughProxy(x.Conn, h.proxies)
	in.judge(&x)
	return &x
}

// named gives a flow that prepared another one the names of its call, which that one told.
func (h *held) named(f *flow.Flow) {
	if !aws.Prepares(f) {
		return
	}
	whole := h.flows.Whole()
	if i, ok := slices.BinarySearchFunc(whole, f.ID, byID); ok {
		f.AWS = whole[i].AWS
	}
}

// last is the latest start or end of a flow.
func (h *held) last(in *Intake) (last time.Time) {
	if last = h.latest; len(h.late) == 0 { // an address that is a proxy's changes no time
		return last
	}
	for f := range h.all(in) {
		if at := LastInstant([]*flow.Flow{f}); at.After(last) {
			last = at
		}
	}
	return last
}

// judged judges the flows as Reader.judged does, and counts them.
func (h *held) judged(in *Intake, c *flow.Capture, n *Counts) {
	c.Last = h.last(in)
	judging := diagnose.NewStream(c.Last)
	for f := range h.all(in) {
		f = f.CutOff(c.Last)
		judging.Add(f)
		n.add(f)
	}
	c.Selected = n.Flows
	c.Findings = judging.Findings(c.Environment)
}

// hold is emit for flows that are held.
func (t *texts) hold(f *flow.Flow) error {
	if t.streams && f.Strict {
		return errTogether
	}
	t.held.add(t.in, f)
	if t.held.flows.Len()%preflightsEvery == 0 {
		t.in.namePreflights(t.held.flows.Whole())
	}
	return nil
}

// release makes flows that were held ordinary ones: another file follows, or detour wrote this one.
func (t *texts) release() error {
	if t.streams {
		return errTogether
	}
	if t.held != nil {
		t.got.Flows = slices.Collect(t.held.flows.All())
		t.held = nil
	}
	return nil
}

// len is the number of flows so far.
func (t *texts) len() int {
	switch {
	case t.whole != nil:
		return len(t.whole.Flows)
	case t.held != nil:
		return t.held.flows.Len()
	}
	return len(t.got.Flows)
}

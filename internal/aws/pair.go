package aws

import (
	"slices"
	"strings"
	"sync"
	"time"

	"detour/internal/flow"
)

// pairWithin is how long after the first the second may begin: a SigV4 signature
// is valid for 5 minutes.
const pairWithin = 5 * time.Minute

// maxWaiting bounds the flows that are remembered. A page has a few dozen in progress.
const maxWaiting = 1024

// A Pairing matches a preflight, or a request for a signature, with the call that it
// prepared. The zero value is ready; its methods may be called concurrently.
type Pairing struct {
	mu      sync.Mutex
	order   []*pair            // by arrival, the next to be forgotten first
	waiting map[string][]*pair // by the key of the awaited request
	byFlow  map[flow.ID]*pair  // by either flow
}

// A pair is a flow that prepares a request, and that request once it has come. It holds
// nothing that a server sent.
type pair struct {
	key       string
	before    flow.ID
	started   time.Time
	decodedBy string  // what names the call of before once it is paired; "": before is no AWS call
	of        flow.ID // the request; 0: still awaited
	failed    bool    // before ended without a response, so that the request is never sent
}

// Add takes a flow that was just tagged, in the order in which they began and each
// time one has a new revision. If an earlier flow prepared it, Add returns that
// one's ID and the DecodedBy of its call, which has the names of this flow's call;
// otherwise, or while the operation isn't known, before is 0. A flow is paired at
// most once; one whose ID is 0 never is.
func (p *Pairing) Add(f *flow.Flow) (before flow.ID, decodedBy string) {
	if f.ID == 0 {
		return 0, ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.byFlow[f.ID]; known != nil {
		if known.of == f.ID {
			return known.prepared(f.AWS)
		}
		known.decodedBy, known.failed = decodedWhenPaired(f.AWS), noResponse(f)
		return 0, ""
	}
	for _, key := range p.fulfils(f) {
		if found := p.take(key, f.Times.Start, noResponse(f)); found != nil {
			found.of = f.ID
			p.byFlow[f.ID] = found
			return found.prepared(f.AWS)
		}
	}
	if key := awaits(f); key != "" {
		p.remember(&pair{key: key, before: f.ID, started: f.Times.Start, decodedBy: decodedWhenPaired(f.AWS), failed: noResponse(f)})
	}
	return 0, ""
}

// Ended takes the last revision of a flow that was added.
func (p *Pairing) Ended(f *flow.Flow) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.byFlow[f.ID]; known != nil && known.before == f.ID {
		known.failed = noResponse(f)
	}
}

// noResponse reports whether a flow has ended without a response.
func noResponse(f *flow.Flow) bool { return f.Final() && f.Response == nil }

// take removes and returns the first pair that awaits key. failed says that the request has
// no response either: in a HAR, it may then be one that was never sent.
func (p *Pairing) take(key string, now time.Time, failed bool) *pair {
	for at := p.waiting[key]; len(at) > 0 && now.Sub(at[0].started) > pairWithin; at = p.waiting[key] {
		p.drop(at[0])
	}
	at := p.waiting[key]
	i := slices.IndexFunc(at, func(x *pair) bool { return x.failed == failed })
	switch {
	case i >= 0:
	case failed && len(at) > 0: // it was sent, and failed itself
		i = 0
	default:
		return nil
	}
	found := at[i]
	p.drop(found)
	return found
}

// drop ends the wait of a pair.
func (p *Pairing) drop(x *pair) {
	at := p.waiting[x.key]
	switch i := slices.Index(at, x); i {
	case -1:
	case 0: // the usual case: nothing has to be moved
		at = behind(at)
	default:
		at = slices.Delete(at, i, i+1)
	}
	if p.waiting[x.key] = at; len(at) == 0 {
		delete(p.waiting, x.key)
	}
}

// behind returns all but the first. append reuses the space later.
func behind[T any](xs []*T) []*T {
	xs[0] = nil
	return xs[1:]
}

func (p *Pairing) remember(x *pair) {
	if p.waiting == nil {
		p.waiting, p.byFlow = map[string][]*pair{}, map[flow.ID]*pair{}
	}
	if len(p.order) >= maxWaiting {
		oldest := p.order[0]
		p.order = behind(p.order)
		p.drop(oldest)
		delete(p.byFlow, oldest.before)
		delete(p.byFlow, oldest.of)
	}
	p.order = append(p.order, x)
	p.waiting[x.key] = append(p.waiting[x.key], x)
	p.byFlow[x.before] = x
}

// Prepares reports whether a flow may prepare another one, which may name the call of both.
func Prepares(f *flow.Flow) bool {
	return f.Request.Method == "OPTIONS" || f.AWS != nil && f.AWS.DecodedBy == signingRule
}

// awaits returns the key of the request that a flow prepares; "" if it prepares none.
func awaits(f *flow.Flow) string {
	switch {
	case f.Request.Method == "OPTIONS":
		if method := flow.Get(f.Request.Headers, "Access-Control-Request-Method"); method != "" {
			return wireKey(f, method)
		}
	case f.AWS != nil && f.AWS.DecodedBy == signingRule:
		return callKey(f.AWS, f.AWS.Service)
	}
	return ""
}

// fulfils returns the keys under which a flow may be awaited.
func (p *Pairing) fulfils(f *flow.Flow) []string {
	if len(p.waiting) == 0 || f.Request.Method == "OPTIONS" || f.Request.Method == "CONNECT" || f.Origin != flow.OriginDirect || f.AWS == nil {
		return nil
	}
	keys := []string{wireKey(f, f.Request.Method)}
	if f.AWS.Operation != "" {
		keys = append(keys, callKey(f.AWS, f.AWS.Service))
		for _, s := range f.AWS.Also {
			keys = append(keys, callKey(f.AWS, s))
		}
	}
	return keys
}

// wireKey is method, URL and origin of the page.
func wireKey(f *flow.Flow, method string) string {
	return strings.Join([]string{method, f.Request.URL, flow.Get(f.Request.Headers, "Origin")}, " ")
}

// callKey is Region, service and operation. It never equals a wireKey.
func callKey(a *flow.AWS, service string) string {
	return strings.Join([]string{a.Region, service, a.Operation}, "\t")
}

// decodedWhenPaired is the DecodedBy of the first of a pair, whose call is a, once
// it has the names of the second; "" if it is no AWS call.
func decodedWhenPaired(a *flow.AWS) string {
	switch {
	case a == nil:
		return ""
	case a.DecodedBy == signingRule:
		return signingRule
	}
	return preflightRule
}

// prepared is the flow that takes over the names of a call, and how it was decoded.
func (p *pair) prepared(call *flow.AWS) (before flow.ID, decodedBy string) {
	if p.decodedBy == "" || call == nil || call.Operation == "" {
		return 0, ""
	}
	return p.before, p.decodedBy
}

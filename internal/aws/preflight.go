package aws

import (
	"slices"
	"strings"
	"sync"
	"time"

	"detour/internal/flow"
)

// Limits of what is remembered, and of what counts as the same call.
const (
	maxPreflights = 256
	maxCalls      = 1024
	maxMeasures   = 256

	// A page reports a call soon after its end. Beacons that are sent later may be about
	// another call that took as long.
	beaconWithin = 30 * time.Second
	// beaconAtOnce is how soon most beacons follow. A call that ended so shortly before a
	// beacon is preferred to one that ended earlier.
	beaconAtOnce = time.Second
	// beforeSent is how much longer a page may measure than the proxy: the browser first
	// connects to the proxy, and waits for its turn.
	beforeSent = time.Second
	// clockSlack is by how much the instants of one machine may differ from the order of
	// events.
	clockSlack = 250 * time.Millisecond
)

// Preflights infers for which call a preflight was that got no response, because then the
// call itself is never sent. Two things may tell: a beacon, in which the page reports that a
// call of this name took as long as the preflight, and the calls of the same page to the same
// URL. Where they allow several operations, all are named or none. The zero value isn't
// ready: see [NewPreflights]. Its methods may be called concurrently.
type Preflights struct {
	tables *Tables

	mu       sync.Mutex
	changed  bool
	asked    []*asked // the oldest first
	byID     map[flow.ID]*asked
	calls    []*sent // the oldest first
	callByID map[flow.ID]*sent
	measures []reported // the oldest first
}

// asked is a preflight.
type asked struct {
	id       flow.ID
	span     span
	services []string // that the call may be for
	site     string   // the host of the page's origin
	page     string   // with the URL, method and origin of the call; "" if the page isn't known well enough
	fields   []string // that the call would have, in lower case
	answered bool
	of       string // the operation, once the call was sent after all
}

// sent is a call that was sent, by either route.
type sent struct {
	id        flow.ID
	span      span
	operation string
	page      string // as of asked
	fields    []string
}

// reported is a call whose duration a page reported.
type reported struct {
	operation string
	took      time.Duration
	at        time.Time
	site      string
}

// span is when a flow began and ended; the end is zero while it is in progress.
type span struct{ start, end time.Time }

// NewPreflights returns one that knows the operations of t.
func NewPreflights(t *Tables) *Preflights {
	return &Preflights{tables: t, byID: map[flow.ID]*asked{}, callByID: map[flow.ID]*sent{}}
}

// Add takes a tagged flow with its header fields, or a later revision of it.
func (p *Preflights) Add(f *flow.Flow) {
	if f.ID == 0 || f.AWS == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case f.Request.Method == "OPTIONS":
		if f.Origin == flow.OriginDirect && f.AWS.DecodedBy == preflightRule {
			p.preflight(f)
		}
	case len(f.AWS.Beacon) > 0:
		p.beacon(f)
	case f.AWS.Operation != "" && f.Request.Method != "CONNECT":
		p.call(f)
	}
}

// Ended takes a final revision of a flow that was added, which needs no header fields.
func (p *Preflights) Ended(f *flow.Flow) {
	if !f.Final() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if a := p.byID[f.ID]; a != nil {
		a.span.end, a.answered, p.changed = f.Times.Done, f.Response != nil, true
	}
	if c := p.callByID[f.ID]; c != nil {
		c.span.end, p.changed = f.Times.Done, true
	}
}

// Sent takes that the call of a preflight was sent after all.
func (p *Preflights) Sent(before flow.ID, operation string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a := p.byID[before]; a != nil {
		a.of, p.changed = operation, true
	}
}

func (p *Preflights) preflight(f *flow.Flow) {
	a := p.byID[f.ID]
	if a == nil {
		method := flow.Get(f.Request.Headers, "Access-Control-Request-Method")
		if method == "" {
			return
		}
		a = &asked{
			id: f.ID, services: append([]string{f.AWS.Service}, f.AWS.Also...), site: splitURL(flow.Get(f.Request.Headers, "Origin")).host,
			page: pageKey(f, method), fields: requested(f),
		}
		if len(p.asked) >= maxPreflights {
			delete(p.byID, p.asked[0].id)
			p.asked = behind(p.asked)
		}
		p.asked, p.byID[f.ID] = append(p.asked, a), a
	}
	a.span, a.answered, p.changed = spanOf(f), f.Response != nil, true
}

func (p *Preflights) call(f *flow.Flow) {
	c := p.callByID[f.ID]
	if c == nil {
		c = &sent{id: f.ID, page: pageKey(f, f.Request.Method)}
		if c.page != "" {
			for _, h := range f.Request.Headers {
				c.fields = append(c.fields, strings.ToLower(h.Name))
			}
		}
		if len(p.calls) >= maxCalls {
			delete(p.callByID, p.calls[0].id)
			p.calls = behind(p.calls)
		}
		p.calls, p.callByID[f.ID] = append(p.calls, c), c
	}
	c.operation, c.span, p.changed = f.AWS.Operation, spanOf(f), true
}

func (p *Preflights) beacon(f *flow.Flow) {
	site := splitURL(f.Request.URL).host
	for _, m := range f.AWS.Beacon {
		r := reported{m.Name, m.Took, f.Times.Start, site}
		if slices.Contains(p.measures, r) { // a later revision
			continue
		}
		if len(p.measures) >= maxMeasures {
			p.measures = p.measures[1:]
		}
		p.measures, p.changed = append(p.measures, r), true
	}
}

func spanOf(f *flow.Flow) span {
	if !f.Final() {
		return span{start: f.Times.Start}
	}
	return span{f.Times.Start, f.Times.Done}
}

// requested are the header fields that a preflight asks for, in lower case.
func requested(f *flow.Flow) (out []string) {
	for name := range strings.SplitSeq(flow.Get(f.Request.Headers, "Access-Control-Request-Headers"), ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// pageKey is a page with the method and the URL of a call. Browsers name only the origin of
// the page to other hosts, unless the page has another policy (Referrer Policy, "default"):
// then it isn't known which page that is, and the key is "".
func pageKey(f *flow.Flow, method string) string {
	if path := splitURL(f.Page).path; path == "" || path == "/" {
		return ""
	}
	return f.Page + "\t" + wireKey(f, method)
}

// Inferred returns for each preflight that is remembered and got no response which call it was
// for, nil if that isn't known. A preflight that is no longer returned keeps the last result.
// It returns no map if nothing has changed since the last time.
func (p *Preflights) Inferred() map[flow.ID]*flow.PreflightOf {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.changed {
		return nil
	}
	p.changed = false
	out := make(map[flow.ID]*flow.PreflightOf)
	byBeacon := p.byBeacon()
	for _, a := range p.asked {
		if !a.unanswered() || a.of != "" {
			continue
		}
		out[a.id] = byBeacon[a]
		if out[a.id] == nil {
			out[a.id] = p.byPage(a)
		}
	}
	return out
}

// unanswered reports whether a preflight ended without a response.
func (a *asked) unanswered() bool { return !a.span.end.IsZero() && !a.answered }

// byPage is the operation of all calls of the same page to the same URL that have the header
// fields which the preflight asks for; nil if there are several, or none.
func (p *Preflights) byPage(a *asked) *flow.PreflightOf {
	if a.page == "" {
		return nil
	}
	only := ""
	for _, c := range p.calls {
		switch {
		case c.page != a.page || !c.has(a.fields):
		case only != "" && only != c.operation:
			return nil
		default:
			only = c.operation
		}
	}
	if only == "" {
		return nil
	}
	return &flow.PreflightOf{Operations: []string{only}, By: flow.PreflightByPage}
}

func (c *sent) has(fields []string) bool {
	for _, name := range fields {
		if !slices.Contains(c.fields, name) {
			return false
		}
	}
	return true
}

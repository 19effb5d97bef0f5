package resolve

import (
	"errors"
	"os"
	"time"

	"github.com/miekg/dns"

	"detour/internal/flow"
)

// resolutionDelay is how long the answer for IPv6 addresses is awaited once there is one
// with IPv4 addresses. RFC 8305, 3 recommends 50 ms before the first connect; as detour
// records which queries were dropped, it waits as long as browsers do before they take a
// query for lost (Chromium: kDnsDefaultFallbackPeriod, 1 s).
const resolutionDelay = time.Second

// errEnough is the error of a query that isn't sent, because the lookup has addresses.
var errEnough = errors.New("the lookup has IPv4 addresses, and no nameserver answered the query for IPv6 within a second")

// report tells how the lookup stands, if an answer is there and another is awaited. The
// lock is held.
func (t *trace) report() {
	if t.over {
		return
	}
	answered, awaited := false, false
	for _, q := range t.queries {
		answered = answered || q.reply != nil
		awaited = awaited || q.took == 0
	}
	if !answered || !awaited {
		return
	}
	res := &flow.Resolution{Name: t.name, Start: t.start, Source: flow.SourceDNS}
	for _, q := range t.queries {
		if q.asked != nil {
			res.Queries = append(res.Queries, q.public())
		}
	}
	t.progress(res)
}

// countDown starts the wait for IPv6 when q has IPv4 addresses. The lock is held.
func (t *trace) countDown(q *query) {
	if t.delay == nil && !t.over && q.answered() && q.asks(dns.TypeA) && len(addresses(q.reply)) > 0 {
		t.delay = time.AfterFunc(resolutionDelay, t.stopIPv6)
	}
}

// stopIPv6 ends the queries for IPv6 addresses, and lets no more be sent.
func (t *trace) stopIPv6() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.enough = true
	for _, q := range t.queries {
		if q.took == 0 && q.asks(dns.TypeAAAA) && q.hangUp != nil {
			q.took, q.ending = max(1, time.Since(q.start)), ending{err: os.ErrDeadlineExceeded}
			q.hangUp()
		}
	}
}

// refuses reports whether a question isn't to be sent any more.
func (t *trace) refuses(m *dns.Msg) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.enough && m.Question[0].Qtype == dns.TypeAAAA
}

// finish ends the trace's timer and its reports.
func (t *trace) finish() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	if t.delay != nil {
		t.delay.Stop()
	}
}

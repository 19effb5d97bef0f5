package dial

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"detour/internal/flow"
)

// restTime is how long a proxy that couldn't be reached is tried last. Browsers wait as
// long.
const restTime = 5 * time.Minute

// A proxyRest remembers the proxies that couldn't be reached. The zero value is empty.
type proxyRest struct {
	mu    sync.Mutex
	until map[string]time.Time // by the proxy's host:port
}

func (r *proxyRest) add(p *Proxy, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.until == nil {
		r.until = make(map[string]time.Time)
	}
	r.until[p.authority] = now.Add(restTime)
}

func (r *proxyRest) has(p *Proxy, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return p != nil && now.Before(r.until[p.authority])
}

// ways returns what to try for an authority, in order, at least one; nil is a direct
// connection. Proxies that couldn't be reached a short time ago come last.
func (d *Dialer) ways(scheme, authority string) []*Proxy {
	list := []*Proxy{d.Via(scheme, authority)}
	if d.cfg.Then != nil {
		list = append(list, d.cfg.Then(scheme, authority)...)
	}
	if len(list) > 1 {
		now := time.Now()
		slices.SortStableFunc(list, func(a, b *Proxy) int {
			resting := map[bool]int{true: 1}
			return resting[d.rest.has(a, now)] - resting[d.rest.has(b, now)]
		})
	}
	return list
}

// A failoverError is the error of several ways of which none could be reached.
type failoverError []error

// Error has the messages in one line.
func (e failoverError) Error() string {
	parts := make([]string, len(e))
	for i, err := range e {
		parts[i] = err.Error()
	}
	return strings.Join(parts, "; ")
}

// Unwrap returns the errors.
func (e failoverError) Unwrap() []error { return e }

// tryAll makes a connection by the first of several ways that can be reached. The record
// has the attempts of all that were tried, and otherwise says what the last one did. A
// proxy that responds is reached, whatever it says.
func (c *call) tryAll(ctx context.Context, list []*Proxy, host string, port uint16) (conn net.Conn, err error) {
	var failures []error
	for _, p := range list {
		// Of an earlier one only the attempts stay; another proxy may resolve the name.
		c.info.UpstreamProxy, c.info.Via, c.info.Resolution = "", nil, nil
		if p == nil {
			conn, err = c.direct(ctx, host, port)
		} else {
			conn, err = c.connectViaProxy(ctx, p, host, port)
		}
		unreached := err != nil && ctx.Err() == nil && (p == nil || c.info.Via == nil || c.info.Via.Start.IsZero())
		if !unreached {
			break
		}
		if c.info.Via != nil {
			c.d.rest.add(p, time.Now())
		}
		failures = append(failures, err)
	}
	if err == nil || len(failures) < 2 {
		return conn, err
	}
	var last *Error
	stage := flow.StageUpstreamProxy
	if errors.As(err, &last) {
		stage = last.Stage
	}
	return nil, c.fail(stage, failoverError(failures))
}

package send

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// deliver sends a batch, as often as necessary, and counts its records.
func (p *pipe) deliver(ctx context.Context, records [][]byte) {
	body := compressed(p.request(records...))
	began := time.Now()
	for try := 0; ; try++ {
		a := p.post(ctx, body)
		if !a.again {
			p.conclude(a, len(records))
			return
		}
		if ctx.Err() != nil { // the time at the end is over
			if isClosed(p.hurry) {
				p.noResponse()
			}
			p.lose(len(records))
			return
		}
		p.setTrouble(a.why)
		p.tell(unreachable, fmt.Sprintf("the OTLP collector %s takes no %s: %s; detour tries again, and up to %d wait",
			p.to.Host(), p.what, a.why, queueSize))
		left := p.giveUp - time.Since(began)
		if left <= 0 || p.hopeless() || !p.sleep(ctx, min(left, backoff(try, a.after))) || p.hopeless() {
			p.lose(len(records))
			return
		}
	}
}

// noResponse says that the end came before a response, unless there was a trouble before.
func (p *pipe) noResponse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Trouble = cmp.Or(p.counts.Trouble, lateResponse)
}

// conclude counts the records of a batch that has arrived, or was refused.
func (p *pipe) conclude(a answer, n int) {
	if a.refused {
		p.setTrouble(a.why)
		p.tell(refusing, fmt.Sprintf("the OTLP collector %s refuses %s, which are dropped: %s", p.to.Host(), p.what, a.why))
		p.settle(n, func(c *Stats, n int) { c.Rejected += n })
		return
	}
	p.mu.Lock()
	p.gone, p.counts.Trouble = false, ""
	p.mu.Unlock()
	rejected := min(int64(n), a.rejected)
	if rejected > 0 {
		why := ""
		if text := p.shown(a.why); text != "" {
			why = ": " + text
		}
		p.tell(rejecting, fmt.Sprintf("the OTLP collector %s rejects some %s%s", p.to.Host(), p.what, why))
	}
	p.settle(n, func(c *Stats, n int) {
		c.Rejected += int(rejected)
		c.Sent += n - int(rejected)
	})
}

// lose counts the records of a batch that is given up.
func (p *pipe) lose(n int) {
	p.mu.Lock()
	p.gone = true
	p.mu.Unlock()
	p.settle(n, func(c *Stats, n int) { c.Dropped += n })
}

// sleep waits before another try. It reports whether there is to be one: none after ctx is done. If the
// sender is in a hurry, it doesn't wait for long.
func (p *pipe) sleep(ctx context.Context, pause time.Duration) bool {
	hurry := p.hurry
	if isClosed(hurry) {
		hurry, pause = nil, min(pause, hurriedBackoff)
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-hurry:
	case <-ctx.Done():
		return false
	}
	return true
}

// backoff is how long to wait before the next try: what the collector asks for, or else a time that doubles,
// of which a random half is left out, so that desks don't come all at once.
func backoff(try int, asked time.Duration) time.Duration {
	if asked > 0 {
		return asked
	}
	d := min(maxBackoff, firstBackoff<<min(try, 10))
	return d/2 + rand.N(d/2+1) //nolint:gosec // nobody gains by guessing it
}

// post sends a request once. If the one before had no response, it uses another connection: with HTTP/2, that
// of the former may be dead, as after the machine slept.
func (p *pipe) post(ctx context.Context, body []byte) answer {
	if p.stale {
		p.transport.CloseIdleConnections()
	}
	a, err := p.try(ctx, body)
	if p.stale = err != nil; p.stale {
		return answer{again: true, why: reason(err)}
	}
	return a
}

// try sends a request. The error is that there was no response, or not all of it.
func (p *pipe) try(ctx context.Context, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, p.to.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.to.URL, bytes.NewReader(body))
	if err != nil {
		return answer{refused: true, why: "its address isn't valid"}, nil
	}
	for _, h := range p.to.Headers {
		r.Header.Set(h.Name, h.Value)
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("Content-Encoding", "gzip")
	r.Header.Set("User-Agent", "detour")
	got, err := p.transport.RoundTrip(r) // follows no redirect, to which the headers could leak
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	response, err := io.ReadAll(io.LimitReader(got.Body, maxResponse))
	status := strings.TrimSpace(fmt.Sprintf("%d %s", got.StatusCode, http.StatusText(got.StatusCode)))
	switch code := got.StatusCode; {
	case code == http.StatusTooManyRequests, code == http.StatusBadGateway, code == http.StatusServiceUnavailable,
		code == http.StatusGatewayTimeout:
		return answer{again: true, after: retryAfter(got.Header.Get("Retry-After"), time.Now()), why: status}, nil
	case code < 200 || code > 299:
		return answer{refused: true, why: status}, nil
	}
	return accepted(response), err
}

// compressed is a body as gzip.
func compressed(b []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed) // the level is valid
	_, _ = w.Write(b)                                 // a buffer takes all
	_ = w.Close()
	return out.Bytes()
}

package h2client

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"detour/internal/fulltest"
)

// TestConn_survivesCancelsAndResets has many requests canceled, and reset by the server, in every
// state. Then everything must have come back to the connection's window, and no stream be left.
func TestConn_survivesCancelsAndResets(t *testing.T) {
	p := newTestPool(t, func(c *Config) { c.ContinueTimeout = time.Millisecond })
	addPeer(t, p, unreliable, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1000})
	c := p.conns[authority][0]
	var all sync.WaitGroup
	for i := range uint64(8) {
		r := rand.New(rand.NewPCG(i, 7))
		all.Go(func() {
			for range fulltest.Or(100, 5000) {
				askUnreliable(t, p, r)
			}
		})
	}
	all.Wait()
	poll(t, "everything is given back", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.received.Left+c.received.Read == connWindow && c.isIdle()
	})
	if c.mu.Lock(); c.err != nil {
		t.Error(c.err)
	}
	c.mu.Unlock()
}

// askUnreliable sends a request, and gives it up at a random point.
func askUnreliable(t *testing.T, p *Pool, r *rand.Rand) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var body io.Reader
	if r.IntN(2) == 0 {
		body = strings.NewReader(strings.Repeat("x", r.IntN(50_000)))
	}
	req, _ := http.NewRequestWithContext(ctx, []string{"GET", "POST", "HEAD"}[r.IntN(3)], "https://example.test/", body)
	if r.IntN(5) == 0 {
		req.Header.Set("Expect", "100-continue")
	}
	if r.IntN(3) == 0 {
		time.AfterFunc(time.Duration(r.IntN(1000))*time.Microsecond, cancel)
	}
	resp, err := p.RoundTrip(req)
	if err != nil {
		return
	}
	switch r.IntN(3) {
	case 0:
		_, _ = io.CopyN(io.Discard, resp.Body, int64(r.IntN(50_000)))
	case 1:
		_, _ = io.Copy(io.Discard, resp.Body)
	}
	_ = resp.Body.Close()
}

// unreliable answers in pieces, out of order, and resets some streams.
func unreliable(p *peer) {
	r := rand.New(rand.NewPCG(1, 1))
	p.fr.ReadMetaHeaders = hpack.NewDecoder(4<<10, nil)
	for {
		f, err := p.frame()
		if err != nil {
			return
		}
		switch f := f.(type) {
		case *http2.MetaHeadersFrame:
			p.stream = f.StreamID
			p.answerUnreliably(r)
		case *http2.DataFrame:
			if f.Length > 0 {
				_ = p.fr.WriteWindowUpdate(0, f.Length)
				_ = p.fr.WriteWindowUpdate(f.StreamID, f.Length)
			}
		case *http2.PingFrame:
			if !f.IsAck() {
				_ = p.fr.WritePing(true, f.Data)
			}
		}
	}
}

func (p *peer) answerUnreliably(r *rand.Rand) {
	if r.IntN(4) == 0 {
		p.head(false, ":status", "100")
	}
	if r.IntN(6) == 0 {
		_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeInternal)
		return
	}
	p.head(false, ":status", []string{"200", "403"}[r.IntN(2)])
	for range r.IntN(6) {
		_ = p.fr.WriteDataPadded(p.stream, false, make([]byte, r.IntN(16_000)), make([]byte, r.IntN(255)))
	}
	switch r.IntN(5) {
	case 0:
		_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeCancel)
	case 1:
		p.head(true, "x-sum", "1")
	case 2:
		p.head(false, "x-sum", "1") // malformed
	case 3:
		p.data("", true)
		_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeNo)
	default:
		p.data("end", true)
	}
}

// A body that has come, and that nobody was given, comes back to the connection's window.
func TestCancel_givesBackWhatNobodyWasGiven(t *testing.T) {
	p := newTestPool(t)
	addPeer(t, p, func(s *peer) {
		s.request()
		s.head(false, ":status", "103")
		s.head(false, ":status", "200")
		for range 10 {
			_ = s.fr.WriteData(s.stream, false, make([]byte, 16<<10))
		}
		s.drain()
	})
	c := p.conns[authority][0]
	total := func() (left int64) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.received.Left + c.received.Read
	}
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(int, textproto.MIMEHeader) error {
			poll(t, "all of the body", func() bool { return total() <= connWindow-160<<10 })
			return errTest
		},
	})
	contains(t, result(p, newRequest(t, "GET", nil).WithContext(ctx)), errTest.Error())
	poll(t, "everything is given back", func() bool { return total() == connWindow })
}

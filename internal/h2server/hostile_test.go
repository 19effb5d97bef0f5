package h2server

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"detour/internal/h2wire"
)

// TestConn_rejects has what ends a connection or a stream, and how.
func TestConn_rejects(t *testing.T) {
	for name, test := range map[string]struct {
		play        func(p *peer)
		conn, reset string // how the connection and stream 1 end
	}{
		"no preface":            {func(p *peer) { _, _ = io.WriteString(p.conn, "GET / HTTP/1.1\r\n\r\n") }, "open", ""},
		"DATA without a stream": {func(p *peer) { _ = p.fr.WriteData(1, true, nil) }, "GOAWAY PROTOCOL_ERROR", ""},
		"an even stream":        {func(p *peer) { p.Head(2, true, get("GET", "/")...) }, "GOAWAY PROTOCOL_ERROR", ""},
		"PUSH_PROMISE": {func(p *peer) {
			_ = p.fr.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, EndHeaders: true})
		}, "GOAWAY PROTOCOL_ERROR", ""},
		"RST_STREAM without a stream": {func(p *peer) { _ = p.fr.WriteRSTStream(1, http2.ErrCodeCancel) }, "GOAWAY PROTOCOL_ERROR", ""},
		"a window that is too large":  {func(p *peer) { _ = p.fr.WriteWindowUpdate(0, 1<<31-1) }, "GOAWAY FLOW_CONTROL_ERROR", ""},
		"a field block that isn't one": {func(p *peer) {
			_ = p.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, BlockFragment: []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}})
		}, "GOAWAY COMPRESSION_ERROR", ""},
		"a frame that is too long":               {func(p *peer) { _ = p.fr.WriteRawFrame(http2.FrameData, 0, 1, make([]byte, h2wire.MaxFrame+1)) }, "GOAWAY FRAME_SIZE_ERROR", ""},
		"a window update of 0 on an idle stream": {func(p *peer) { _ = p.fr.WriteWindowUpdate(1001, 0) }, "GOAWAY PROTOCOL_ERROR", ""},
		"a malformed head on an even stream":     {func(p *peer) { p.Head(2, true, get("GET", "/", "Upper", "x")...) }, "GOAWAY PROTOCOL_ERROR", ""},
		"a head with more padding than it has bytes": {func(p *peer) {
			block := append([]byte{250}, p.Fields(get("GET", "/")...)...)
			_ = p.fr.WriteRawFrame(http2.FrameHeaders, http2.FlagHeadersPadded|http2.FlagHeadersEndHeaders|http2.FlagHeadersEndStream, 1, block)
		}, "GOAWAY PROTOCOL_ERROR", ""},
		"a length, and no body": {func(p *peer) { p.Head(1, true, get("POST", "/", "content-length", "5")...) }, "open", "PROTOCOL_ERROR"},
		"a length that isn't a number": {func(p *peer) {
			p.Head(1, false, get("POST", "/", "content-length", "abc")...)
		}, "open", "PROTOCOL_ERROR"},
		"two lengths": {func(p *peer) {
			p.Head(1, true, get("POST", "/", "content-length", "0", "content-length", "5")...)
		}, "open", "PROTOCOL_ERROR"},
		"no path":               {func(p *peer) { p.Head(1, true, ":method", "GET", ":scheme", "https") }, "open", "PROTOCOL_ERROR"},
		"a path that isn't one": {func(p *peer) { p.Head(1, true, get("GET", "a")...) }, "open", "PROTOCOL_ERROR"},
		"two hosts":             {func(p *peer) { p.Head(1, true, get("GET", "/", "host", "other.test")...) }, "open", "PROTOCOL_ERROR"},
		"a user in the authority": {func(p *peer) {
			p.Head(1, true, ":method", "GET", ":scheme", "https", ":authority", "a@b", ":path", "/")
		}, "open", "PROTOCOL_ERROR"},
		"a field of a connection": {func(p *peer) { p.Head(1, true, get("GET", "/", "connection", "close")...) }, "open", "PROTOCOL_ERROR"},
		"a name in upper case":    {func(p *peer) { p.Head(1, true, get("GET", "/", "Accept", "x")...) }, "open", "PROTOCOL_ERROR"},
		"a stream that depends on itself": {func(p *peer) {
			_ = p.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, EndStream: true, BlockFragment: p.Fields(get("GET", "/")...), Priority: http2.PriorityParam{StreamDep: 1, Weight: 1}})
		}, "open", "PROTOCOL_ERROR"},
		"a body longer than declared": {func(p *peer) {
			p.Head(1, false, get("POST", "/", "content-length", "1")...)
			_ = p.fr.WriteData(1, true, []byte("ab"))
		}, "open", "PROTOCOL_ERROR"},
		"a body shorter than declared": {func(p *peer) {
			p.Head(1, false, get("POST", "/", "content-length", "3")...)
			_ = p.fr.WriteData(1, true, []byte("ab"))
		}, "open", "PROTOCOL_ERROR"},
		"more than the stream's window": {func(p *peer) {
			p.Head(1, false, get("POST", "/hang")...)
			for range streamWindow/h2wire.MaxFrame + 1 {
				_ = p.fr.WriteData(1, false, make([]byte, h2wire.MaxFrame))
			}
		}, "GOAWAY FLOW_CONTROL_ERROR", ""},
		"a trailer without an end": {func(p *peer) {
			p.Head(1, false, get("POST", "/hang")...)
			p.Head(1, false, "x-sum", "1")
		}, "open", "PROTOCOL_ERROR"},
		"a head on a stream that is over, though its handler runs": {func(p *peer) {
			p.Head(1, true, get("HEAD", "/flush")...)
			p.await(func() bool { return p.over(1) })
			p.Head(1, true, get("GET", "/")...)
		}, "GOAWAY STREAM_CLOSED", ""},
		"a head that is too long": {func(p *peer) {
			p.Head(1, true, get("GET", "/", "x", strings.Repeat("x", 15<<10), "y", strings.Repeat("x", 100))...)
		}, "open", ""},
	} {
		t.Run(name, func(t *testing.T) {
			conn, _ := serveConn(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/flush" {
					w.(http.Flusher).Flush()
				}
				if r.URL.Path != "/" {
					<-r.Context().Done()
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
			}))
			p := newPeer(t, conn)
			test.play(p)
			if test.reset != "" {
				p.await(func() bool { return p.got[1] != nil && p.over(1) })
				if got := p.answer(1).Reset; got != test.reset {
					t.Errorf("stream 1: %v", p.answer(1))
				}
			}
			if test.conn != "open" {
				p.await(func() bool { return p.away })
			}
			if got := p.end(); got != test.conn {
				t.Errorf("the connection: %s", got)
			}
		})
	}
}

// TestConn_boundsCanceledRequests sends requests and cancels them at once (CVE-2023-44487).
// Handlers that haven't returned keep their place.
func TestConn_boundsCanceledRequests(t *testing.T) {
	var running, most atomic.Int64
	release := make(chan struct{})
	conn, _ := serveConn(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		for n := running.Add(1); ; {
			if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		<-release
		running.Add(-1)
	}))
	p := newPeer(t, conn)
	p.sync()
	const n = 4 * maxStreams
	written := make(chan struct{})
	go func() {
		defer close(written)
		for id := uint32(1); id < 2*n; id += 2 {
			p.Head(id, true, get("GET", "/")...)
			_ = p.fr.WriteRSTStream(id, http2.ErrCodeCancel)
		}
	}()
	for deadline := time.Now().Add(time.Minute); running.Load() < maxStreams && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	close(release)
	<-written
	p.sync()
	if got := most.Load(); got != maxStreams {
		t.Errorf("%d handlers ran at a time", got)
	}
}

// TestConn_refusesStreams opens more streams than allowed.
func TestConn_refusesStreams(t *testing.T) {
	conn, _ := serveConn(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	p := newPeer(t, conn)
	p.sync() // SETTINGS are acknowledged
	p.sync()
	for i := range uint32(maxStreams + 1) {
		p.Head(2*i+1, true, get("GET", "/")...)
	}
	last := uint32(2*maxStreams + 1)
	p.await(func() bool { return p.over(last) })
	if got := p.answer(last).Reset; got != "PROTOCOL_ERROR" && got != "REFUSED_STREAM" {
		t.Errorf("the last stream: %v", p.answer(last))
	}
	for i := range uint32(maxStreams) {
		if p.over(2*i + 1) {
			t.Fatalf("stream %d: %v", 2*i+1, p.answer(2*i+1))
		}
	}
}

// TestConn_endsIfItsAnswersArentRead sends pings and reads nothing.
func TestConn_endsIfItsAnswersArentRead(t *testing.T) {
	conn, c := serveConn(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, h2wire.MaxFrame)); err != nil {
				return
			}
		}
	}))
	p := newPeer(t, conn)
	_ = p.fr.WriteWindowUpdate(0, 1<<30)
	_ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 30})
	p.Head(1, true, get("GET", "/")...)
	_ = conn.SetWriteDeadline(time.Now().Add(time.Minute))
	written := 0
	for p.fr.WritePing(false, [8]byte{}) == nil {
		if written += 17; written > 64<<20 {
			t.Fatal("the server took 64 MiB of pings")
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, n := c.out.Buffered(); n > h2wire.MaxControl+64 {
		t.Errorf("%d bytes of answers wait", n)
	}
}

// TestConn_drains lets requests end, and no new ones begin.
func TestConn_drains(t *testing.T) {
	release := make(chan struct{})
	conn, c := serveConn(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-release
		_, _ = io.WriteString(w, "whole")
	}))
	p := newPeer(t, conn)
	p.Head(1, true, get("GET", "/")...)
	p.sync()
	c.Drain()
	p.await(func() bool { return p.away })
	p.Head(3, true, get("GET", "/")...)
	p.sync()
	close(release)
	p.await(func() bool { return p.ended })
	if p.code != http2.ErrCodeNo || p.answer(1).Body != "whole" || p.answer(3).Head != nil {
		t.Errorf("%s, stream 1: %v, stream 3: %v", p.end(), p.answer(1), p.answer(3))
	}
}

// TestConn_servesAStreamOnce has an error on an even stream between two requests on the same one.
func TestConn_servesAStreamOnce(t *testing.T) {
	var served atomic.Int64
	conn, _ := serveConn(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	p := newPeer(t, conn)
	p.Head(5, true, get("GET", "/")...)
	p.await(func() bool { return p.over(5) })
	_ = p.fr.WriteWindowUpdate(2, 0)
	p.Head(5, true, get("GET", "/")...)
	p.await(func() bool { return p.away })
	if n := served.Load(); n != 1 || p.end() != "GOAWAY PROTOCOL_ERROR" {
		t.Errorf("stream 5 was served %d times; the connection: %s", n, p.end())
	}
}

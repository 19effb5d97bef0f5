package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"detour/internal/flow"
)

// A serverFault is something that a server does to an exchange.
type serverFault struct {
	name   string
	h2     bool  // of the server
	upload int64 // bytes that the client sends; 0: a GET
	play   script

	stage    flow.Stage // of the recorded failure; "": none, the proxy handles it
	message  string     // part of the failure's message; alternatives are separated by |
	status   int        // recorded; 0: no response
	received int64      // bytes of the response's body
}

const okHead = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

// uploadCutOff are the messages for a connection that closes during an upload: which
// effect of the FIN comes first is up to the kernel.
const uploadCutOff = "closed the connection|reset by peer|broken pipe"

// largeUpload is more than the buffers of a connection hold, so that an upload of it
// lasts until the server reads it.
const largeUpload = 32 << 20

var http1Faults = []serverFault{
	{
		name: "closes instead of a response", stage: flow.StageWait, message: "closed the connection",
		play: func(p *peer) { p.request(); p.Close() },
	},
	{
		name: "resets instead of a response", stage: flow.StageWait, message: "reset",
		play: func(p *peer) { p.request(); p.reset() },
	},
	{
		name: "closes within the head", stage: flow.StageWait, message: "closed the connection",
		play: func(p *peer) { p.request(); p.write(okHead + "Content-Length: 10"); p.closeTCP() },
	},
	{
		name: "responds in another protocol", stage: flow.StageWait, message: "malformed",
		play: func(p *peer) { p.request(); p.write("SSH-2.0-OpenSSH_9.2\r\n"); p.drain() },
	},
	{
		name:  "closes within the Content-Length",
		stage: flow.StageReceive, message: "closed the connection", status: 200, received: 10,
		play: func(p *peer) {
			p.request()
			p.write(okHead + "Content-Length: 100\r\n\r\n0123456789")
			p.waitSeen()
			p.Close()
		},
	},
	{
		name: "resets within the Content-Length", stage: flow.StageReceive, message: "reset", status: 200, received: 10,
		play: func(p *peer) {
			p.request()
			p.write(okHead + "Content-Length: 100\r\n\r\n0123456789")
			p.waitSeen()
			p.reset()
		},
	},
	{
		name: "closes between chunks", stage: flow.StageReceive, message: "closed the connection", status: 200, received: 10,
		play: func(p *peer) {
			p.request()
			p.write(okHead + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n")
			p.waitSeen()
			p.Close()
		},
	},
	{
		name: "breaks the chunked coding", stage: flow.StageReceive, message: "chunk", status: 200, received: 10,
		play: func(p *peer) {
			p.request()
			p.write(okHead + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n")
			p.waitSeen()
			p.write("zz\r\n")
			p.drain()
		},
	},
	{
		// A body that ends with its connection can't be seen to be truncated: like
		// browsers, crypto/tls takes a FIN between records for a regular end.
		name: "ends a body without a length by a FIN alone", status: 200, received: 10,
		play: func(p *peer) { p.request(); p.write(okHead + "\r\n0123456789"); p.waitSeen(); p.closeTCP() },
	},
	{
		name: "ends a body without a length by closing", status: 200, received: 10,
		play: func(p *peer) { p.request(); p.write(okHead + "\r\n0123456789"); p.Close() },
	},
	{
		name: "closes during an upload", upload: largeUpload, stage: flow.StageSend, message: uploadCutOff,
		play: func(p *peer) { p.request(); p.upload(1 << 20); p.Close() },
	},
	{
		name: "resets during an upload", upload: largeUpload, stage: flow.StageSend, message: uploadCutOff,
		play: func(p *peer) { p.request(); p.upload(1 << 20); p.reset() },
	},
	{
		name: "responds early and reads on", upload: largeUpload, status: 200, received: 2,
		play: func(p *peer) {
			p.request()
			p.upload(1 << 10)
			p.write(okHead + "Content-Length: 2\r\n\r\nno")
			p.drain()
		},
	},
	{
		name: "responds early, with Connection: close, and lingers", upload: largeUpload, status: 200, received: 2,
		play: func(p *peer) {
			p.request()
			p.upload(1 << 10)
			p.write(okHead + "Connection: close\r\nContent-Length: 2\r\n\r\nno")
			p.waitSeen()
			p.Close()
		},
	},
}

var http2Faults = []serverFault{
	{
		name: "closes instead of a response", h2: true, stage: flow.StageWait, message: "closed the connection",
		play: func(p *peer) { p.request(); p.Close() },
	},
	{
		name: "closes within the head", h2: true, stage: flow.StageWait, message: uploadCutOff,
		play: func(p *peer) {
			p.request()
			_ = p.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: p.Fields(":status", "200")})
			p.closeTCP()
		},
	},
	{
		name: "RST_STREAM instead of a response", h2: true, stage: flow.StageWait, message: "INTERNAL_ERROR",
		play: func(p *peer) { p.request(); _ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeInternal); p.drain() },
	},
	{
		name: "GOAWAY with an error instead of a response", h2: true, stage: flow.StageWait, message: "GOAWAY",
		play: func(p *peer) {
			p.request()
			_ = p.fr.WriteGoAway(p.stream, http2.ErrCodeInternal, []byte("debug"))
			p.Close()
		},
	},
	{
		name: "RST_STREAM within the body", h2: true,
		stage: flow.StageReceive, message: "INTERNAL_ERROR", status: 200, received: 10,
		play: func(p *peer) {
			p.request()
			p.head(false, ":status", "200")
			p.data("0123456789", false)
			p.waitSeen()
			_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeInternal)
			p.drain()
		},
	},
	{
		name: "RST_STREAM with NO_ERROR within the body", h2: true,
		stage: flow.StageReceive, message: "NO_ERROR", status: 200, received: 10,
		play: func(p *peer) {
			p.request()
			p.head(false, ":status", "200")
			p.data("0123456789", false)
			p.waitSeen()
			_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeNo)
			p.drain()
		},
	},
	{
		name: "closes within the body", h2: true,
		stage: flow.StageReceive, message: "closed the connection", status: 200, received: 10,
		play: func(p *peer) {
			p.request()
			p.head(false, ":status", "200")
			p.data("0123456789", false)
			p.waitSeen()
			p.Close()
		},
	},
	{
		name: "GOAWAY and closes within the body", h2: true, stage: flow.StageReceive, message: "GOAWAY", status: 200, received: 10,
		play: func(p *peer) {
			p.request()
			p.head(false, ":status", "200")
			p.data("0123456789", false)
			p.waitSeen()
			_ = p.fr.WriteGoAway(p.stream, http2.ErrCodeNo, nil)
			p.Close()
		},
	},
	{
		name: "ends a stream short of its Content-Length", h2: true,
		stage: flow.StageReceive, message: "closed the connection", status: 200, received: 10,
		play: func(p *peer) {
			p.request()
			p.head(false, ":status", "200", "content-length", "100")
			p.data("0123456789", false)
			p.waitSeen()
			p.data("", true)
			p.drain()
		},
	},
	{
		name: "GOAWAY before the response is complete", h2: true, status: 200, received: 10,
		play: func(p *peer) {
			p.request()
			_ = p.fr.WriteGoAway(p.stream, http2.ErrCodeNo, nil)
			p.head(false, ":status", "200")
			p.data("0123456789", true)
			p.drain()
		},
	},
	{
		name: "RST_STREAM during an upload", h2: true, upload: largeUpload, stage: flow.StageSend, message: "INTERNAL_ERROR",
		play: func(p *peer) {
			p.request()
			p.upload(32 << 10)
			_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeInternal)
			p.drain()
		},
	},
	{
		name: "closes during an upload", h2: true, upload: largeUpload, stage: flow.StageSend, message: uploadCutOff,
		play: func(p *peer) { p.request(); p.upload(32 << 10); p.Close() },
	},
	{
		name: "responds early and stops the upload", h2: true, upload: largeUpload, status: 200, received: 2,
		play: func(p *peer) {
			p.request()
			p.upload(32 << 10)
			p.head(false, ":status", "200")
			p.data("no", true)
			_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeNo) // RFC 9113, 8.1
			p.drain()
		},
	},
}

func TestFault_isSeenByTheClientAndRecorded(t *testing.T) {
	for _, f := range append(http1Faults, http2Faults...) {
		for _, h2 := range []bool{false, true} {
			name := map[bool]string{false: "h1", true: "h2"}
			t.Run(f.name+", "+name[h2]+" to "+name[f.h2], func(t *testing.T) { f.test(t, h2) })
		}
	}
}

// zeros returns a reader of n zero bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func (f *serverFault) test(t *testing.T, h2 bool) {
	s := newScriptedServer(t, f.h2, f.play)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com/", nil)
	if f.upload > 0 {
		req, _ = http.NewRequestWithContext(ctx, "POST", "https://example.com/", zeros(f.upload))
		req.ContentLength = f.upload
	}
	resp, err := s.client(t, h2).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if f.status == 0 {
		if ps := resp.Header.Get("Proxy-Status"); resp.StatusCode != http.StatusBadGateway || ps != "detour; error=connection_terminated" {
			t.Errorf("the client saw %d, Proxy-Status %q; want a 502", resp.StatusCode, ps)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
	} else {
		got, err := io.CopyN(io.Discard, resp.Body, f.received)
		if err != nil {
			t.Errorf("the client saw %d bytes: %v, want %d", got, err, f.received)
		}
		close(s.seen)
		_, err = io.ReadFull(resp.Body, make([]byte, 1))
		if clean := errors.Is(err, io.EOF); clean != (f.stage == "") {
			t.Errorf("the client saw the end as %v", err)
		}
	}
	f.checkRecord(t, s.sink.finals(t, 1)[0])
	if n := s.conns.Load(); n != 1 {
		t.Errorf("%d connections to the server, want 1", n)
	}
}

// containsAny reports whether s contains one of the alternatives.
func containsAny(s, alternatives string) bool {
	return slices.ContainsFunc(strings.Split(alternatives, "|"), func(a string) bool { return strings.Contains(s, a) })
}

func (f *serverFault) checkRecord(t *testing.T, got flow.Flow) {
	t.Helper()
	switch {
	case f.stage == "" && got.Failure != nil:
		t.Errorf("failure %+v, want none", got.Failure)
	case f.stage != "" && (got.Failure == nil || got.Failure.Stage != f.stage || !containsAny(got.Failure.Message, f.message)):
		t.Errorf("failure %+v, want one at %s with %q", got.Failure, f.stage, f.message)
	case f.message == "reset" && !got.Failure.Reset:
		t.Errorf("failure %+v isn't a reset", got.Failure)
	}
	switch {
	case f.status == 0 && got.Response != nil:
		t.Errorf("response %+v, but none came", got.Response)
	case f.status != 0 && (got.Response == nil || got.Response.Status != f.status || got.Response.BodySize != f.received):
		t.Errorf("response %+v, want %d with %d bytes", got.Response, f.status, f.received)
	}
	if f.upload == 0 && got.Request.BodySize != 0 || got.Request.BodySize > f.upload {
		t.Errorf("%d bytes of the request passed, of %d", got.Request.BodySize, f.upload)
	}
	if got.Conn == nil || got.Conn.TLS == nil || got.Conn.TLS.Outcome != flow.TLSOK || got.Times.Done.IsZero() {
		t.Errorf("connection %+v, done %v", got.Conn, got.Times.Done)
	}
}

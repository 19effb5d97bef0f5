package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"detour/internal/cputime"
	"detour/internal/flow"
	"detour/internal/http1"
)

// A connection on which something unasked has arrived isn't given to an exchange that waits.
func TestServerPool_putChecksAConnectionThatIsAwaited(t *testing.T) {
	const authority = "example.com:443"
	s := newScriptedServer(t, false, func(p *peer) { p.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); p.drain() })
	c, err := s.proxy.dialTLS(t.Context(), authority, "http/1.1")
	if err != nil {
		t.Fatal(err)
	}
	sc := newServerConn(c, 0)
	for deadline := time.Now().Add(time.Minute); ; {
		if pending, known := sc.dialed.Pending(); pending || !known {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing is pending")
		}
	}
	pool := &s.proxy.pool
	w := &connWish{granted: make(chan grant, 1)}
	pool.mu.Lock()
	pool.host(authority).waiting = []*connWish{w}
	pool.mu.Unlock()
	pool.put(authority, sc)
	select {
	case g := <-w.granted:
		_ = g.conn.Close()
		t.Error("the exchange got it")
	default:
	}
	if !sc.dialed.Closed() {
		t.Error("it is open")
	}
}

// An old client's empty line after a POST may come in pieces (RFC 9112, 2.2).
func TestH1Conn_anEmptyLineAfterAPOSTMayComeInPieces(t *testing.T) {
	b := newFixture(t, setup{}, echo)
	tc := b.openTLS(t, "http/1.1")
	br := bufio.NewReader(tc)
	_, _ = io.WriteString(tc, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1\r\n\r\nb")
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	for _, c := range []byte("\r\nGET / HTTP/1.1\r\nHost: example.com\r\n\r\n") {
		_, _ = tc.Write([]byte{c})
	}
	if resp, err = http.ReadResponse(br, nil); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%v, %v", resp, err)
	}
}

// A conn whose Read gives one byte.
type trickle struct {
	net.Conn
	s string
}

func (c *trickle) Read(p []byte) (int, error) {
	if c.s == "" {
		return 0, io.EOF
	}
	p[0], c.s = c.s[0], c.s[1:]
	return 1, nil
}

// What a server can send within the limits must not keep a processor busy for seconds.
func TestH1_timeIsLinearInTheHead(t *testing.T) {
	const limit = 5 * time.Second // takes about 50 ms
	took := cputime.Of(func() { readAndWriteHuge(t) })
	if took > limit {
		t.Errorf("took %v", took)
	}
}

// readAndWriteHuge reads and writes heads of a mebibyte.
func readAndWriteHuge(t *testing.T) {
	t.Helper()
	for _, head := range []string{"HTTP/1.1 200 " + strings.Repeat("a", 1<<20), "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 1<<20)} {
		s := &serverConn{Conn: &trickle{s: head}}
		if _, err := s.readHead(); err == nil {
			t.Error("no error")
		}
	}
	r := h1Response{Response: http1.Response{Status: 200, Fields: []flow.Header{{Name: "Connection", Value: strings.Repeat("a,", 200<<10)}}}}
	for i := range 50_000 {
		r.Fields = append(r.Fields, flow.Header{Name: fmt.Sprint("x", i)})
	}
	r.appendHead(nil)
}

// Shutdown waits for the exchange in progress, not for those that the client has sent behind it.
func TestH1Conn_shutdownEndsPipelinedRequests(t *testing.T) {
	began := make(chan struct{})
	s := newScriptedServer(t, false, func(p *peer) {
		for first := true; p.request() != nil; first = false {
			if first {
				close(began)
				p.waitSeen()
			}
			p.answer("x")
		}
	})
	tc := s.openTLS(t, "http/1.1")
	_, _ = io.WriteString(tc, strings.Repeat("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", 3))
	<-began
	ended := make(chan struct{})
	go func() { _ = s.proxy.Shutdown(t.Context()); close(ended) }()
	for deadline := time.Now().Add(time.Minute); !s.proxy.ownConns.draining.Load(); {
		if time.Now().After(deadline) {
			t.Fatal("no drain")
		}
	}
	close(s.seen)
	got, _ := io.ReadAll(tc)
	if n := strings.Count(string(got), "HTTP/1.1 200"); n != 1 {
		t.Errorf("%d responses", n)
	}
	<-ended
}

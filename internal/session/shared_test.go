package session

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"detour/internal/flow"
	"detour/internal/resolve"
)

// TestShared_cantBeReachedThroughTheProxy: a page that is loaded through detour could else ask the
// shared run's port for something, and the connection would be this machine's.
func TestShared_cantBeReachedThroughTheProxy(t *testing.T) {
	reached := make(chan string, 100)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached <- r.Host })} //nolint:gosec // of a test
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	shared := netip.MustParseAddrPort(l.Addr().String())
	port := fmt.Sprint(shared.Port())
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(t, nil)
	loopback := []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	cfg.Network.Resolver = resolve.New(resolve.Config{Map: map[string][]netip.Addr{"rebound.example": loopback, "2130706433": loopback, host: loopback}})
	cfg.Ends = true
	var isShared atomic.Bool
	isShared.Store(true)
	ask := func(s *Session, text string) string {
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, text)
		r := bufio.NewReader(c)
		line, _ := r.ReadString('\n')
		_, _ = io.Copy(io.Discard, r) // a client that leaves cancels its request
		return line
	}
	cfg.Work = func(_ context.Context, s *Session) {
		s.SetShared(func() netip.AddrPort {
			if isShared.Load() {
				return shared
			}
			return netip.AddrPort{}
		})
		for _, name := range []string{
			"localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", machine,
			strings.ToUpper(machine) + ".", "rebound.example", "2130706433", host,
		} {
			at := name + ":" + port
			plain := ask(s, "GET http://"+at+"/ HTTP/1.1\r\nHost: "+at+"\r\nConnection: close\r\n\r\n")
			tunnel := ask(s, "CONNECT "+at+" HTTP/1.1\r\nHost: "+at+"\r\n\r\nGET / HTTP/1.1\r\nHost: "+at+"\r\nConnection: close\r\n\r\n")
			if !strings.HasPrefix(plain, "HTTP/1.1 50") || !strings.HasPrefix(tunnel, "HTTP/1.1 50") && name != host {
				t.Errorf("%s: a request gets %q, a tunnel %q", at, plain, tunnel)
			}
		}
		if len(reached) > 0 {
			t.Errorf("it was reached as %s", <-reached)
		}
		isShared.Store(false)
		if got := ask(s, "GET http://127.0.0.1:"+port+"/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200") {
			t.Errorf("a port that isn't shared any more: %q", got)
		}
	}
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Store().Flows() {
		if f.Failure != nil && f.Failure.Stage != flow.StageProxy && !strings.Contains(f.Failure.Message, errShared.Error()) {
			t.Errorf("%s: %s: %s", f.Request.URL, f.Failure.Stage, f.Failure.Message)
		}
	}
}

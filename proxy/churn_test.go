package proxy

import (
	"bufio"
	"crypto/tls"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/flow"
)

// This test opens 2,000 connections and aborts them at every stage. Afterwards there
// must be no more goroutines and descriptors than before, and every flow must be final.
func TestChurn_connectionsAbortedAtRandomLeakNothing(t *testing.T) {
	const connections, workers = 2000, 50
	b := newFixture(t, setup{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
	}))
	get(t, b.client(t, false), "https://example.com/") // fills the pools
	goroutines, descriptors := runtime.NumGoroutine(), openFiles(t)
	var wg sync.WaitGroup
	for w := range workers {
		r := rand.New(rand.NewPCG(1, uint64(w)))
		wg.Go(func() {
			for range connections / workers {
				b.abortAtRandom(r)
			}
		})
	}
	wg.Wait()
	deadline := time.Now().Add(time.Minute)
	for {
		open := unfinished(b.sink)
		b.proxy.CloseIdle()
		g, d := runtime.NumGoroutine(), openFiles(t)
		if open == 0 && g <= goroutines+10 && d <= descriptors+10 {
			t.Logf("%d goroutines and %d descriptors before, %d and %d after", goroutines, descriptors, g, d)
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d flows have no end; %d goroutines and %d descriptors before, %d and %d after", open, goroutines, descriptors, g, d)
		}
		runtime.Gosched()
	}
}

// abortAtRandom uses one connection up to a random stage, and closes it there.
func (b *fixture) abortAtRandom(r *rand.Rand) {
	c, err := net.Dial("tcp", b.addr)
	if err != nil {
		return
	}
	defer c.Close()
	if r.IntN(2) == 0 {
		_ = c.(*net.TCPConn).SetLinger(0) // Close sends a RST
	}
	const connect = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"
	if r.IntN(8) == 0 {
		_, _ = io.WriteString(c, connect[:r.IntN(len(connect))])
		return
	}
	_, _ = io.WriteString(c, connect)
	br := bufio.NewReader(c)
	for line := ""; line != "\r\n"; {
		if line, err = br.ReadString('\n'); err != nil || r.IntN(20) == 0 {
			return
		}
	}
	if r.IntN(8) == 0 {
		_, _ = c.Write([]byte{recordTypeHandshake, 3, 1, 2, 0, 1}[:r.IntN(7)])
		return
	}
	tc := tls.Client(c, &tls.Config{RootCAs: b.roots, ServerName: "example.com"})
	if tc.Handshake() != nil || r.IntN(8) == 0 {
		return
	}
	const request = "POST /churn HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1000\r\n\r\n"
	if r.IntN(6) == 0 {
		_, _ = io.WriteString(tc, request[:r.IntN(len(request))])
		return
	}
	body := strings.Repeat("y", r.IntN(1001))
	_, _ = io.WriteString(tc, request+body)
	if len(body) == 1000 || r.IntN(2) == 0 {
		_, _ = io.WriteString(tc, strings.Repeat("y", 1000-len(body)))
		_, _ = io.CopyN(io.Discard, tc, int64(r.IntN(100_000)))
	}
}

// unfinished returns how many flows have no final revision.
func unfinished(s *sink) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	final := make(map[flow.ID]bool)
	for _, f := range s.revs {
		final[f.ID] = final[f.ID] || f.Final()
	}
	n := 0
	for _, over := range final {
		if !over {
			n++
		}
	}
	return n
}

// openFiles returns the number of this process's descriptors, or 0 if /proc isn't
// available.
func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil || runtime.GOOS == "windows" { // under Wine, it has Wine's own
		return 0
	}
	return len(list)
}

package proxy

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"detour/internal/errno"
	"detour/internal/flow"
	"detour/internal/h2wire/h2test"
)

// settle waits until no more goroutines are left than before, plus a few of idle pools.
func settle(t *testing.T, before int) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > before+10 {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// dialMany opens n connections to the proxy and sends first on each.
func (b *fixture) dialMany(t *testing.T, n int, first string) []net.Conn {
	t.Helper()
	conns := make([]net.Conn, n)
	var wg sync.WaitGroup
	for w := range 20 {
		wg.Go(func() {
			for i := w; i < n; i += 20 {
				c, err := net.Dial("tcp", b.addr)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(c, first)
				conns[i] = c
			}
		})
	}
	wg.Wait()
	t.Cleanup(func() { closeAll(conns) })
	if t.Failed() {
		t.FailNow()
	}
	return conns
}

func closeAll(conns []net.Conn) {
	for _, c := range conns {
		if c != nil {
			_ = c.Close()
		}
	}
}

// A page, or a program, that opens 2,000 tunnels to an address that doesn't respond costs
// a bounded amount each, and nothing once it has closed them.
func TestFlood_2000ConnectsCostABoundedAmount(t *testing.T) {
	const n = 2000
	for name, host := range map[string]string{"tunnelled": "other.example:443", "decrypted, without a handshake": "example.com:443"} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t, setup{connect: dropSYNs}, http.NotFoundHandler())
			goroutines, heap := runtime.NumGoroutine(), heapInUse()
			conns := b.dialMany(t, n, "CONNECT "+host+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
			if strings.HasPrefix(host, "other") {
				b.sink.wait(t, n, func(f flow.Flow) bool { return f.Rev == 1 })
			} else {
				for _, c := range conns {
					status(t, bufio.NewReader(c))
				}
			}
			if g := (runtime.NumGoroutine() - goroutines) / n; g > 8 {
				t.Errorf("%d goroutines each", g)
			}
			grown := (heapInUse() - heap) / n
			t.Logf("%d bytes of heap each, %d goroutines in all", grown, runtime.NumGoroutine()-goroutines)
			if grown > 40<<10 {
				t.Errorf("%d bytes of heap each", grown)
			}
			closeAll(conns)
			settle(t, goroutines)
		})
	}
}

// Clients that send a head byte by byte are disconnected, and leave no row.
func TestFlood_slowHeadsEnd(t *testing.T) {
	for name, first := range map[string]string{
		"nothing": "", "a part of a head": "GET http://example.com/ HTTP/1.1\r\nHost: exa", "a part of a line": "GE",
		"a part of a ClientHello": "\x16", "a part of SOCKS": "\x04",
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t, setup{headTimeout: 300 * time.Millisecond}, http.NotFoundHandler())
			goroutines := runtime.NumGoroutine()
			conns := b.dialMany(t, 300, first)
			for _, c := range conns {
				_ = c.SetDeadline(time.Now().Add(time.Minute))
				go func() { // drips on
					for range 100 {
						if _, err := io.WriteString(c, "x"); err != nil {
							return
						}
						time.Sleep(20 * time.Millisecond)
					}
				}()
			}
			for _, c := range conns {
				if _, err := io.Copy(io.Discard, c); err != nil && !errors.Is(err, errno.ConnReset) {
					t.Fatalf("a slow client isn't disconnected: %v", err)
				}
			}
			closeAll(conns)
			settle(t, goroutines)
		})
	}
}

// What an HTTP/2 client can flood with ends its connection, or costs nothing that lasts.
func TestFlood_ofHTTP2FramesIsBounded(t *testing.T) {
	fields := []string{":method", "GET", ":scheme", "https", ":authority", "example.com", ":path", "/"}
	for name, frame := range map[string]func(p *peer) error{
		"rapid reset": func(p *peer) error {
			p.stream += 2
			block := p.Fields(fields...)
			head := http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: block, EndHeaders: true, EndStream: true}
			if err := p.fr.WriteHeaders(head); err != nil {
				return err
			}
			return p.fr.WriteRSTStream(p.stream, http2.ErrCodeCancel)
		},
		"PING":          func(p *peer) error { return p.fr.WritePing(false, [8]byte{}) },
		"SETTINGS":      func(p *peer) error { return p.fr.WriteSettings() },
		"WINDOW_UPDATE": func(p *peer) error { return p.fr.WriteWindowUpdate(0, 1) },
		"empty DATA": func(p *peer) error {
			if p.stream == 1 {
				p.stream = 3
				block := p.Fields(":method", "POST", ":scheme", "https", ":authority", "example.com", ":path", "/")
				if err := p.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: block, EndHeaders: true}); err != nil {
					return err
				}
			}
			return p.fr.WriteData(3, false, nil)
		},
		"PRIORITY": func(p *peer) error { return p.fr.WritePriority(7, http2.PriorityParam{StreamDep: 5}) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t, setup{h2: true}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			b.sink.put = func(flow.Flow) {} // how many requests end by themselves depends on the machine
			goroutines := runtime.NumGoroutine()
			tc := b.openTLS(t, "h2")
			_, _ = io.WriteString(tc, http2.ClientPreface)
			p := &peer{Conn: tc, br: bufio.NewReader(tc), stream: 1}
			p.fr = http2.NewFramer(tc, p.br)
			p.Encoder = h2test.NewEncoder(p.fr)
			_ = p.fr.WriteSettings()
			heap, sent := heapInUse(), 0
			// It doesn't read: acknowledgements queue up at the proxy.
			for sent < 20_000 && frame(p) == nil {
				sent++
			}
			most := runtime.NumGoroutine() - goroutines
			grown := heapInUse() - heap
			t.Logf("%d frames, %d goroutines, the heap grew by %d KiB", sent, most, grown>>10)
			if most > 600 || grown > 16<<20 {
				t.Errorf("%d goroutines, the heap grew by %d KiB", most, grown>>10)
			}
			_ = tc.Close()
			b.proxy.CloseIdle()
			settle(t, goroutines)
		})
	}
}

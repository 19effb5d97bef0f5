package serve

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/share/link"
)

// addrOf is an address in the form of Options.
func (*Server) addrOf(t testing.TB, text string) netip.AddrPort {
	t.Helper()
	a, err := netip.ParseAddrPort(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// stuck is a watcher that never reads, with a stream that waits for it.
func stuck(t testing.TB, x *run, l link.Link) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(c, "GET /events?after=%d HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", endless, l.Addr, l.Token)
	if err != nil {
		t.Fatal(err)
	}
	seen, since := int64(0), time.Now()
	eventually(t, "it waits", func() bool {
		if n := x.sent.Load(); n != seen {
			seen, since = n, time.Now()
		}
		return seen > 0 && time.Since(since) > 200*time.Millisecond
	})
	return c
}

func TestAWatcherThatNeverReads_isCutAndDelaysNobody(t *testing.T) {
	s, x := serving(t)
	s.patience = 2 * time.Second
	l, err := s.Share(Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := watch(t, request(t, l.Base()+"/events", withToken(l.Token)))
	w.next()
	deaf := stuck(t, x, l)
	defer deaf.Close()
	x.mu.Lock()
	if len(x.streams) != 2 {
		t.Errorf("%d streams", len(x.streams))
	}
	x.mu.Unlock()
	if resp, _ := send(t, request(t, l.Base()+"/flow/17", withToken(l.Token))); resp.StatusCode != http.StatusOK {
		t.Errorf("others get %s", resp.Status)
	}
	eventually(t, "it is cut", func() bool { return x.watching() == 1 })
	x.sendAll(endOf("for who reads"))
	if got := w.next(); !strings.Contains(got, "for who reads") {
		t.Errorf("who reads gets %q", got)
	}
}

func TestWatchers_areBounded(t *testing.T) {
	_, x, l := sharedOnLoopback(t)
	var all []*watcher
	for range maxWatchers {
		all = append(all, watch(t, request(t, l.Base()+"/events", withToken(l.Token))))
	}
	for _, w := range all {
		w.next()
	}
	resp, text := send(t, request(t, l.Base()+"/events", withToken(l.Token)))
	if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text, "as many are watching as can") {
		t.Errorf("one more gets %s: %s", resp.Status, text)
	}
	if resp, _ := send(t, request(t, l.Base()+"/flow/17", withToken(l.Token))); resp.StatusCode != http.StatusOK {
		t.Errorf("those who watch get %s", resp.Status)
	}
	all[0].end()
	eventually(t, "one has left", func() bool { return x.watching() == maxWatchers-1 })
	var w *watcher
	eventually(t, "its place is free", func() bool {
		w = watch(t, request(t, l.Base()+"/events", withToken(l.Token)))
		return w.resp.StatusCode == http.StatusOK
	})
	if got := w.next(); !strings.HasPrefix(got, "event: hello") {
		t.Errorf("after one has left: %s, %q", w.resp.Status, got)
	}
}

func TestConnections_areBoundedAndSlowHeadsEnd(t *testing.T) {
	_, _, l := sharedOnLoopback(t)
	var slow []net.Conn
	defer func() {
		for _, c := range slow {
			_ = c.Close()
		}
	}()
	for range maxConns + 50 {
		c, err := net.Dial("tcp", l.Addr)
		if err != nil {
			t.Fatal(err)
		}
		slow = append(slow, c)
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nX-")
	}
	_ = slow[0].SetReadDeadline(time.Now().Add(time.Minute))
	for { // a byte now and then doesn't help
		if _, err := io.WriteString(slow[0], "a"); err != nil {
			break
		}
		if n, err := slow[0].Read(make([]byte, 1)); n == 0 && err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("a slow head lasts a minute instead of %v", readHeaderTimeout)
			}
			break
		}
	}
	eventually(t, "others are served again", func() bool {
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request(t, l.Base()+"/", nil))
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

func TestNonsense_isRefusedAndLeavesNothing(t *testing.T) {
	_, x, l := sharedOnLoopback(t)
	w := watch(t, request(t, l.Base()+"/events", withToken(l.Token)))
	w.next()
	before := runtime.NumGoroutine()
	const senders, each = 20, 500 // 10,000 messages
	var sending sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 1)) //nolint:gosec // the same each time
			for range each {
				fuzz(l.Addr, random)
			}
		})
	}
	sending.Wait()
	eventually(t, "nothing is left", func() bool { return runtime.NumGoroutine() <= before+2 && x.watching() == 1 })
	if resp, _ := send(t, request(t, l.Base()+"/flow/17", withToken(l.Token))); resp.StatusCode != http.StatusOK {
		t.Errorf("then the link gets %s", resp.Status)
	}
	x.sendAll(endOf("the same stream"))
	if got := w.next(); !strings.Contains(got, "the same stream") {
		t.Errorf("the watcher gets %q", got)
	}
}

// fuzz sends one message that is nearly a request, or none at all.
func fuzz(addr string, random *rand.Rand) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(50 * time.Millisecond))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	noise := make([]byte, random.IntN(300))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	message := string(noise)
	if random.IntN(4) > 0 {
		message = pick("GET", "POST", "CONNECT", "", "GET GET", string(noise)) + " " +
			pick("/", "/events", "/session", "/flow/1", "*", "http://a/", "//", "/%", "/events?as="+message) + " " +
			pick("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", "") + pick("\r\n", "\n", "") +
			pick("Host: "+addr, "Host: evil.example", "Host:", "") + "\r\n" +
			pick("Authorization: Bearer x", "Cookie: "+message, "Content-Length: -1", "Transfer-Encoding: chunked", "Upgrade: h2c", message) + "\r\n" +
			pick("\r\n", "\n", "", message)
	}
	if _, err := io.WriteString(c, message); err == nil && random.IntN(2) == 0 {
		_, _ = io.Copy(io.Discard, c)
	}
}

func FuzzRequests(f *testing.F) {
	_, _, l := sharedOnLoopback(f)
	f.Add([]byte("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	f.Add([]byte("GET /flow/17?as=rows HTTP/1.1\r\nHost: localhost\r\nCookie: detour-x=y\r\nSec-Fetch-Site: same-origin\r\n\r\n"))
	f.Add([]byte("GET http://localhost/session HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \r\n\r\n"))
	before := runtime.NumGoroutine()
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := net.Dial("tcp", l.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(time.Second))
		_, _ = c.Write(b)
		_ = c.(*net.TCPConn).CloseWrite() //nolint:forcetypeassert // of a dial with "tcp"
		got, _ := io.ReadAll(c)
		if strings.Contains(string(got), `{"id":`) || strings.Contains(string(got), "event:") {
			t.Errorf("%q gets data: %q", b, got)
		}
		if n := runtime.NumGoroutine(); n > before+100 {
			t.Errorf("%d goroutines, %d before", n, before)
		}
	})
}

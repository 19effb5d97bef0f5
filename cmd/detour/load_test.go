package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	loading     = flag.Bool("load", false, "run TestLoad, which takes about a minute")
	loadCapture = flag.String("load-capture", "", "the --capture of TestLoad and TestSoak; by default a file that is thrown away")
)

// TestLoad measures the real program, as a process of its own, against a server on
// loopback, and holds it to the bounds of docs/internals/performance.md. Client and server
// share the machine with it, so rates can't be compared with those of another machine.
//
//	go test -run TestLoad -load -v ./cmd/detour
func TestLoad(t *testing.T) {
	if !*loading {
		t.Skip("takes a minute and a quiet machine: -load")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("memory and CPU are read from /proc")
	}
	for _, part := range []struct {
		name string
		run  func(t *testing.T, l *load)
	}{
		{"small requests", smallRequests},
		{"large bodies", largeBodies},
		{"streams", streams},
		{"50,000 requests", manyRequests},
		{"1,000 idle connections", idleConnections},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, startLoad(t)) })
	}
	t.Run("a stalled reader", stalledReader)
}

// A load is a fresh detour between a client and a server.
type load struct {
	pid    int
	proxy  *url.URL
	roots  *x509.CertPool
	server *httptest.Server
	target string // the server, by its name
}

func startLoad(t *testing.T, flags ...string) *load {
	t.Helper()
	dir := t.TempDir()
	l := &load{server: httptest.NewUnstartedServer(http.HandlerFunc(serveLoad))}
	l.server.EnableHTTP2 = true
	l.server.StartTLS()
	t.Cleanup(l.server.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(l.server.URL, "https://"), ":")
	l.target = "https://example.com:" + port // httptest's certificate is for that name
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.server.Certificate().Raw})
	upstream, program := filepath.Join(dir, "upstream.pem"), buildDetour(t)
	if err := os.WriteFile(upstream, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "run", "--ui", "none", "--browser", "none", "--listen", "127.0.0.1:0",
		"--decrypt", "example.com", "--map", "example.com=127.0.0.1", "--upstream-ca", upstream, "--upstream-proxy", "none", "--ca-dir", filepath.Join(dir, "ca"),
		"--capture", cmp.Or(*loadCapture, filepath.Join(dir, "run.detour")))
	cmd.Args = append(cmd.Args, flags...)
	if len(flags) > 0 { // its output goes into a pipe that nobody empties
		if _, err := cmd.StdoutPipe(); err != nil {
			t.Fatal(err)
		}
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	said := bufio.NewReader(stderr)
	first, err := said.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	var proxy, caPath string
	if _, err := fmt.Sscanf(first, "detour: proxy=%s ca=%s", &proxy, &caPath); err != nil {
		t.Fatalf("%q: %v", first, err)
	}
	root, err := os.ReadFile(caPath)
	if err != nil {
		t.Fatal(err)
	}
	l.pid, l.roots = cmd.Process.Pid, x509.NewCertPool()
	l.roots.AppendCertsFromPEM(root)
	l.proxy, _ = url.Parse(proxy)
	return l
}

// serveLoad is the server: a small answer, a large one, a sink, a stream.
func serveLoad(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/down":
		n, _ := strconv.ParseInt(r.URL.Query().Get("n"), 10, 64)
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
		for b := make([]byte, 1<<20); n > 0; n -= int64(len(b)) {
			if _, err := w.Write(b); err != nil {
				return
			}
		}
	case "/up":
		n, _ := io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprint(w, n)
	case "/stream":
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		for range 5 {
			_, _ = fmt.Fprintf(w, "%d\n", time.Now().UnixNano())
			_ = http.NewResponseController(w).Flush()
			time.Sleep(50 * time.Millisecond) // the pace of the stream, not a wait for something
		}
	default:
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1024))
	}
}

// client goes through the proxy, or straight.
func (l *load) client(t *testing.T, h2, straight bool) *http.Client {
	t.Helper()
	tr := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: l.roots}, ForceAttemptHTTP2: h2, DisableCompression: true,
		Proxy: http.ProxyURL(l.proxy), MaxIdleConnsPerHost: 2000,
	}
	if straight {
		tr = l.server.Client().Transport.(*http.Transport).Clone()
		tr.MaxIdleConnsPerHost = 2000
	}
	if !h2 {
		tr.ForceAttemptHTTP2 = false
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		tr.TLSClientConfig.NextProtos = nil
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func (l *load) fetch(t *testing.T, c *http.Client, base, path string) {
	t.Helper()
	resp, err := c.Get(base + path)
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

// spread makes n requests over so many workers, and returns their times, sorted.
func (l *load) spread(t *testing.T, c *http.Client, base string, workers, n int) []time.Duration {
	t.Helper()
	var mu sync.Mutex
	var all []time.Duration
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			own := make([]time.Duration, 0, n/workers)
			for range n / workers {
				start := time.Now()
				l.fetch(t, c, base, "/")
				own = append(own, time.Since(start))
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	wg.Wait()
	slices.Sort(all)
	return all
}

// memory is the process's resident memory in MiB, without pages of the program's
// file: these the system drops and reads again as it needs them.
func (l *load) memory(t *testing.T) float64 { return l.resident(t, "RssAnon:") }

// resident is a line of proc_pid_status(5) in MiB.
func (l *load) resident(t *testing.T, line string) float64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", l.pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), line)
	kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kib / 1024
}

// cpu is the processor time that the process has used.
func (l *load) cpu(t *testing.T) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", l.pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // proc(5): utime and stime are the 14th and 15th
	u, _ := strconv.ParseInt(fields[11], 10, 64)
	s, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(u+s) * (time.Second / 100)
}

// within reports a figure and its bound.
func within(t *testing.T, what string, got, bound float64, unit string) {
	t.Helper()
	t.Logf("%-48s %8.2f %s (at most %g)", what, got, unit, bound)
	if got > bound {
		t.Errorf("%s: %.2f %s, at most %g are allowed", what, got, unit, bound)
	}
}

func smallRequests(t *testing.T, l *load) {
	for _, h2 := range []bool{false, true} {
		name := map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[h2]
		c, straight := l.client(t, h2, false), l.client(t, h2, true)
		l.spread(t, c, l.target, 64, 6400) // warm
		for _, workers := range []int{1, 16, 64} {
			n := map[int]int{1: 3000, 16: 16000, 64: 32000}[workers]
			cpu, start := l.cpu(t), time.Now()
			times := l.spread(t, c, l.target, workers, n)
			took := time.Since(start)
			t.Logf("%s, %d at once: %.0f requests/s, p50 %v, p99 %v", name, workers, float64(n)/took.Seconds(), times[n/2], times[n*99/100])
			if workers > 1 {
				within(t, "CPU a request", float64((l.cpu(t)-cpu).Microseconds())/float64(n), 150, "µs")
				continue
			}
			bare := l.spread(t, straight, l.server.URL, 1, n)
			if !h2 {
				within(t, "added at one connection", float64((times[n/2]-bare[n/2]).Microseconds())/1000, 0.25, "ms")
			}
		}
	}
}

func largeBodies(t *testing.T, l *load) {
	c := l.client(t, false, false)
	for _, mib := range []int64{64, 1024} {
		l.fetch(t, c, l.target, "/down?n=1048576") // warm
		before, start := l.memory(t), time.Now()
		l.fetch(t, c, l.target, "/down?n="+strconv.FormatInt(mib<<20, 10))
		t.Logf("%d MiB down: %.0f MB/s", mib, float64(mib<<20)/1e6/time.Since(start).Seconds())
		start = time.Now()
		resp, err := c.Post(l.target+"/up", "application/octet-stream", io.LimitReader(zeros{}, mib<<20))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		t.Logf("%d MiB up: %.0f MB/s", mib, float64(mib<<20)/1e6/time.Since(start).Seconds())
		if string(got) != strconv.FormatInt(mib<<20, 10) {
			t.Errorf("%s bytes arrived", got)
		}
		within(t, fmt.Sprintf("rise of memory with %d MiB both ways", mib), l.memory(t)-before, 8, "MiB")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func streams(t *testing.T, l *load) {
	for _, h2 := range []bool{false, true} {
		c := l.client(t, h2, false)
		for _, kind := range []string{"text/event-stream", "application/vnd.amazon.eventstream", "application/octet-stream", "application/json"} {
			l.fetch(t, c, l.target, "/") // warm
			resp, err := c.Get(l.target + "/stream?type=" + url.QueryEscape(kind))
			if err != nil {
				t.Fatal(err)
			}
			var late []time.Duration
			for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
				sent, _ := strconv.ParseInt(lines.Text(), 10, 64)
				late = append(late, time.Since(time.Unix(0, sent)))
			}
			_ = resp.Body.Close()
			slices.Sort(late)
			within(t, fmt.Sprintf("%s, h2 %v, an event on its way", kind, h2), float64(late[len(late)/2].Microseconds())/1000, 2, "ms")
		}
	}
}

func manyRequests(t *testing.T, l *load) {
	l.spread(t, l.client(t, false, false), l.target, 64, 50_000)
	within(t, "memory after 50,000 requests", l.memory(t), 40, "MiB")
	t.Logf("pages of the program's file beside it: %.1f MiB", l.resident(t, "RssFile:"))
}

func idleConnections(t *testing.T, l *load) {
	clients := make([]*http.Client, 1000)
	for i := range clients {
		clients[i] = l.client(t, false, false)
		l.fetch(t, clients[i], l.target, "/")
	}
	within(t, "memory with 1,000 idle clients", l.memory(t), 60, "MiB")
}

// stalledReader compares a run whose records nobody reads with one without records.
func stalledReader(t *testing.T) {
	rate := func(flags ...string) (float64, *load) {
		l := startLoad(t, flags...)
		c := l.client(t, false, false)
		l.spread(t, c, l.target, 16, 5000)
		start := time.Now()
		l.spread(t, c, l.target, 16, 30_000)
		return 30_000 / time.Since(start).Seconds(), l
	}
	free, _ := rate()
	stalled, l := rate("--json=all")
	within(t, "time with a reader that doesn't read, of without", free/stalled, 1.15, "x")
	within(t, "memory with it", l.memory(t), 60, "MiB")
}

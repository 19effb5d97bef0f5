package proxy

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// gib is the length of a body that is too large to buffer.
const gib = 1 << 30

// waitStable waits until n is at least a MiB and hasn't risen for 300 ms, and returns it.
func waitStable(t *testing.T, n *atomic.Int64) int64 {
	t.Helper()
	last, since := n.Load(), time.Now()
	for deadline := time.Now().Add(time.Minute); last < 1<<20 || time.Since(since) < 300*time.Millisecond; {
		if time.Now().After(deadline) {
			t.Fatalf("after a minute it is at %d KiB", n.Load()>>10)
		}
		time.Sleep(5 * time.Millisecond) // polling interval
		if now := n.Load(); now != last {
			last, since = now, time.Now()
		}
	}
	return last
}

// Limits on the bytes in transit when one side stops: the kernel's buffers of four
// sockets, and maxUnread for each HTTP/2 stream.
const (
	maxUnderWay = 40 << 20
	maxHeld     = 12 << 20
)

type countingWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (w countingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.n.Add(int64(n))
	return n, err
}

type countingReader struct {
	io.Reader
	n *atomic.Int64
}

func (r countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n.Add(int64(n))
	return n, err
}

func TestBackpressure_aClientThatStopsReadingStopsTheServer(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		var sent atomic.Int64
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(countingWriter{w, &sent}, zeros(gib))
		}))
		before := heapInUse()
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://example.com/", nil)
		resp, err := b.client(t, client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.CopyN(io.Discard, resp.Body, 1<<20)
		if n := waitStable(t, &sent); n > maxUnderWay {
			t.Errorf("the server could send %d MiB to a client that stopped at 1", n>>20)
		}
		if held := heapInUse() - before; held > maxHeld {
			t.Errorf("the heap holds %d MiB more", held>>20)
		}
		// The client can continue where it stopped.
		if n, err := io.CopyN(io.Discard, resp.Body, 8<<20); err != nil {
			t.Errorf("%d bytes more: %v", n, err)
		}
	})
}

func TestBackpressure_aServerThatStopsReadingStopsTheClient(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		goOn := make(chan struct{})
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
			<-goOn
			_, _ = io.CopyN(io.Discard, r.Body, 8<<20)
		}))
		before := heapInUse()
		var sent atomic.Int64
		req, _ := http.NewRequestWithContext(t.Context(), "PUT", "https://example.com/", countingReader{zeros(gib), &sent})
		req.ContentLength = gib
		done := make(chan int, 1)
		c := b.client(t, client)
		go func() {
			status := 0
			if resp, err := c.Do(req); err == nil {
				status = resp.StatusCode
				resp.Body.Close()
			}
			done <- status
		}()
		if n := waitStable(t, &sent); n > maxUnderWay {
			t.Errorf("the client could send %d MiB to a server that stopped at 1", n>>20)
		}
		if held := heapInUse() - before; held > maxHeld {
			t.Errorf("the heap holds %d MiB more", held>>20)
		}
		close(goOn)
		select {
		case <-done: // 200, or the connection is closed with most of a GiB unsent
		case <-time.After(time.Minute):
			t.Error("no end after the server went on")
		}
		if f := b.sink.finals(t, 1)[0]; f.Request.BodySize > sent.Load() {
			t.Errorf("%d bytes recorded of %d", f.Request.BodySize, sent.Load())
		}
	})
}

// If the server sends a byte at a time, so does the proxy.
func TestBackpressure_forwardsSlowSendersByteByByte(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		took := make(chan struct{})
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "20")
			for range 20 {
				_, _ = flusher{w}.Write([]byte("x"))
				<-took
			}
		}))
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://example.com/", nil)
		resp, err := b.client(t, client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		for range 20 {
			if _, err := io.ReadFull(resp.Body, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			took <- struct{}{}
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		if f := b.sink.finals(t, 1)[0]; f.Failure != nil || f.Response.BodySize != 20 {
			t.Errorf("failure %+v, %d bytes", f.Failure, f.Response.BodySize)
		}
	})
}

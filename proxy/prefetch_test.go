package proxy

import (
	"io"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"
)

// A dial that fails while the body is being prefetched must not interrupt the prefetch,
// or the flow has no operation.
func TestAwaitPrefetch_waitsForARunningPrefetch(t *testing.T) {
	client, body := io.Pipe()
	b := &requestBody{ReadCloser: client, x: &exchange{p: &Proxy{prefetchWait: prefetchWait}, w: httptest.NewRecorder()}, length: 5, record: true}
	b.prefetch.progress.L = &b.mu
	b.startPrefetch()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.awaitPrefetch()
	}()
	_, _ = body.Write([]byte("Act"))
	select {
	case <-done:
		t.Error("it didn't wait")
	default:
	}
	_, _ = body.Write([]byte("on"))
	_ = body.Close()
	<-done
	if got, truncated := b.prefix(); string(got) != "Acton" || truncated {
		t.Errorf("read %q, truncated %v", got, truncated)
	}
}

// The loop that publishes flows starts prefetches, whatever the exchange does at that moment.
func TestRelease_noPrefetchBeginsAfterIt(t *testing.T) {
	for range 5000 {
		var ready, released atomic.Bool
		b := &requestBody{
			ReadCloser: io.NopCloser(readerFunc(func([]byte) (int, error) {
				if released.Load() {
					t.Error("the body is read after the handler has returned")
				}
				return 0, io.EOF
			})),
			x: &exchange{p: &Proxy{}, w: httptest.NewRecorder()}, length: 5, record: true, unbind: func() {},
		}
		b.prefetch.progress.L = &b.mu
		published := make(chan struct{})
		go func() {
			defer close(published)
			ready.Store(true)
			b.startPrefetch()
		}()
		for !ready.Load() {
			runtime.Gosched()
		}
		b.release()
		released.Store(true)
		<-published
		b.stopPrefetch() // waits for one that has begun nevertheless
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

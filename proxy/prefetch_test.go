package proxy

import (
	"io"
	"net/http/httptest"
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

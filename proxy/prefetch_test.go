package proxy

import (
	"io"
	"net/http/httptest"
	"testing"
)

// TestAwaitPrefetch_waitsForARunningPrefetch: a dial that fails while the body is being read
// ahead mustn't cut that short, or the call has no name.
func TestAwaitPrefetch_waitsForARunningPrefetch(t *testing.T) {
	client, body := io.Pipe()
	b := &requestBody{ReadCloser: client, x: &exchange{w: httptest.NewRecorder()}, length: 5, record: true}
	b.prefetch.progress.L = &b.mu
	b.startPrefetch()
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		b.awaitPrefetch()
	}()
	_, _ = body.Write([]byte("Act"))
	select {
	case <-looked:
		t.Error("it didn't wait")
	default:
	}
	_, _ = body.Write([]byte("on"))
	_ = body.Close()
	<-looked
	if got, cut := b.prefix(); string(got) != "Acton" || cut {
		t.Errorf("read is %q, cut %v", got, cut)
	}
}

package proxy

import (
	"io"
	"net/http/httptest"
	"testing"
)

// TestLastLook_waitsForWhoReadsAhead: a dial that fails while the body is being read
// ahead mustn't cut that short, or the call has no name.
func TestLastLook_waitsForWhoReadsAhead(t *testing.T) {
	client, body := io.Pipe()
	b := &requestBody{ReadCloser: client, x: &exchange{w: httptest.NewRecorder()}, length: 5, wanted: true}
	b.ahead.came.L = &b.mu
	b.lookAhead()
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		b.lastLook()
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
	if got, cut := b.seen(); string(got) != "Acton" || cut {
		t.Errorf("read is %q, cut %v", got, cut)
	}
}

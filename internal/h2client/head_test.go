package h2client

import (
	"io"
	"testing"
)

// A response to HEAD has no content (RFC 9110, 9.3.2): it is whole with its head. The client resets
// a stream that the server leaves open.
func TestHEAD_isAnsweredByTheHeadAlone(t *testing.T) {
	p := newTestPool(t)
	ended := make(chan string, 1)
	addPeer(t, p, func(s *peer) {
		s.request()
		s.head(false, ":status", "200", "content-length", "5")
		ended <- s.end()
		s.request()
		s.head(false, ":status", "404")
		s.data("", true)
		s.request()
		s.answer("another")
		ended <- s.end()
	})
	resp, err := p.RoundTrip(newRequest(t, "HEAD", nil))
	if err != nil {
		t.Fatal(err)
	}
	whole := resp.Body.(interface{ IsWhole() bool }).IsWhole()
	if b, err := io.ReadAll(resp.Body); !whole || len(b) > 0 || err != nil || resp.ContentLength != 5 {
		t.Errorf("whole: %v; %q, %v, length %d", whole, b, err, resp.ContentLength)
	}
	_ = resp.Body.Close()
	if got := <-ended; got != "RST_STREAM CANCEL" {
		t.Errorf("the client's end: %s", got)
	}
	contains(t, result(p, newRequest(t, "HEAD", nil)), `404 map[] ""`)
	contains(t, result(p, newRequest(t, "GET", nil)), `"another"`)
	p.Close()
	if got := <-ended; got != "closed" {
		t.Errorf("the end of the connection: %s", got)
	}
}

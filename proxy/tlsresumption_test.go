package proxy

import (
	"crypto/tls"
	"net/http"
	"testing"
)

func TestIntercept_theSecondConnectionResumesTLS(t *testing.T) {
	b := newFixture(t, setup{}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	c := b.client(t, false)
	tr := c.Transport.(*http.Transport)
	tr.DisableKeepAlives = true
	tr.TLSClientConfig.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	for i := range 3 {
		if resp := get(t, c, "https://example.com/"); resp.TLS.DidResume != (i > 0) {
			t.Errorf("connection %d: resumed %v", i+1, resp.TLS.DidResume)
		}
	}
}

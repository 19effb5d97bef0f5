package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"detour/certs"
)

func TestLanding_givesTheRootToLoopbackNamesOnly(t *testing.T) {
	ca, err := certs.Ephemeral([]string{"amazonaws.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	h := landing(&decryption{chains: []*certs.CA{ca}})
	for host, want := range map[string]int{
		"127.0.0.1:8080": http.StatusOK, "localhost:8080": http.StatusOK, "[::1]:8080": http.StatusOK,
		"evil.example:8080": http.StatusForbidden, "127.0.0.1.evil.example": http.StatusForbidden, "": http.StatusForbidden,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ca.pem", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || (w.Body.String() == string(ca.RootPEM())) != (want == http.StatusOK) {
			t.Errorf("Host %q: %d %.40q, want %d", host, w.Code, w.Body.String(), want)
		}
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Host = "127.0.0.1:8080"
	if h.ServeHTTP(w, r); !strings.Contains(w.Body.String(), ca.RootFingerprint()) {
		t.Errorf("the page has no fingerprint: %s", w.Body.String())
	}
}

package main

import (
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"detour/certs"
	"detour/internal/aws"
	"detour/internal/capture"
)

func TestLanding_givesTheRootToLoopbackNamesOnly(t *testing.T) {
	ca, err := certs.Ephemeral([]string{"amazonaws.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := &session{
		tables: tables, decrypt: decryption{chains: []*certs.CA{ca}, beyond: []string{"corp.example"}}, passed: newPassed([]string{"a.example"}),
		store: capture.New(capture.Options{}), listen: listening{}, began: time.Now(),
	}
	h := s.landing()
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
	for path, want := range map[string][]string{
		"/":          {ca.RootFingerprint(), "http://127.0.0.1:8080", "passed on unread: a.example", "0 flows are kept"},
		"/proxy.pac": {`return "PROXY 127.0.0.1:8080; DIRECT"`, `"amazonaws.com",`, `"corp.example",`},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host = "127.0.0.1:8080"
		h.ServeHTTP(w, r)
		for _, s := range want {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s lacks %q:\n%s", path, s, w.Body.String())
			}
		}
	}
}

func TestLanding_hasTheStepsForEachSystemBrowserAndShell(t *testing.T) {
	ca, err := certs.Ephemeral([]string{"amazonaws.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := &session{
		tables: &aws.Tables{}, decrypt: decryption{chains: []*certs.CA{ca}}, passed: newPassed(nil),
		store: capture.New(capture.Options{}), listen: listening{}, began: time.Now(),
	}
	get := func() string {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Host = "127.0.0.1:8080"
		s.landing().ServeHTTP(w, r)
		return html.UnescapeString(w.Body.String())
	}
	page := get()
	for _, want := range []string{
		"Linux", "macOS", "Windows", "Debian", "Fedora", "GNOME", "Chrome", "Edge", "Brave", "Chromium", "Firefox",
		"--proxy-server=http://127.0.0.1:8080 --ignore-certificate-errors-spki-list=" + ca.SPKI(),
		"networksetup -setautoproxyurl Wi-Fi http://127.0.0.1:8080/proxy.pac", "Use setup script", "autoconfig-url http://127.0.0.1:8080/proxy.pac",
		"security add-trusted-cert", "certutil -user -addstore Root", "update-ca-certificates", "update-ca-trust", ".pki/nssdb",
		"about:profiles", "detour ca untrust", "When you are done", `eval "$(detour env --shell sh)"`, "fish | source", "Invoke-Expression", "detour-env.cmd",
		"asks leave", "in memory: it is worth nothing once the run is over",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "http://127.0.0.1:8080http") {
		t.Error("the page has a script, or a broken address")
	}
	if s.decrypt.chains[0], err = certs.Open(t.TempDir(), []string{"amazonaws.com"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(get(), "in memory") {
		t.Error("a certificate that stays is said to be in memory")
	}
}

// listening is a listener that is asked for its address only.
type listening struct{ net.Listener }

func (listening) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

func TestLanding_withAllHostsTheProxyIsForAllAndThePageWarns(t *testing.T) {
	ca, err := certs.EphemeralUnconstrained(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := &session{
		decrypt: decryption{chains: []*certs.CA{ca}, every: true}, passed: newPassed(nil),
		store: capture.New(capture.Options{}), listen: listening{}, began: time.Now(),
	}
	if pac := s.pac(); strings.Contains(pac, `"DIRECT"`) || !strings.Contains(pac, `return "PROXY 127.0.0.1:8080; DIRECT";`) {
		t.Errorf("some hosts go straight:\n%s", pac)
	}
	if facts := strings.Join(s.state().Facts, "\n"); !strings.Contains(facts, "every host on the web") {
		t.Errorf("no word of warning:\n%s", facts)
	}
}

package main

import (
	"fmt"
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
	"detour/internal/decrypt"
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
		tables: tables, decrypt: &decrypt.Policy{CAs: []*certs.CA{ca}, Extra: []string{"corp.example"}}, passed: decrypt.NewPassthrough([]string{"a.example"}),
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
		"/":          {ca.RootFingerprint(), "http://127.0.0.1:8080", "passed on unread: a.example", "0 flows are kept", "running since <time"},
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
		tables: &aws.Tables{}, decrypt: &decrypt.Policy{CAs: []*certs.CA{ca}}, passed: decrypt.NewPassthrough(nil),
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
	for _, unwanted := range []string{"(devel)", "goroutine", "/tmp/"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page has %q", unwanted)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "http://127.0.0.1:8080http") {
		t.Error("the page has a script, or a broken address")
	}
	if s.decrypt.CAs[0], err = certs.Open(t.TempDir(), []string{"amazonaws.com"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(get(), "in memory") {
		t.Error("a certificate that stays is said to be in memory")
	}
}

func TestLanding_beginsWithTheVisitorsSystemAndBrowser(t *testing.T) {
	ca, err := certs.Ephemeral([]string{"amazonaws.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := &session{decrypt: &decrypt.Policy{CAs: []*certs.CA{ca}}, passed: decrypt.NewPassthrough(nil), store: capture.New(capture.Options{}), listen: listening{}, began: time.Now()}
	for agent, want := range map[string]struct{ system, chapter string }{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36": {"Windows", "Chrome"},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15":               {"macOS", "Chrome"},
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0":                                          {"Linux", "Firefox"},
		"curl/8.0": {"", "Chrome"},
	} {
		st := s.state(agent)
		if st.System != want.system {
			t.Errorf("%s: %q, want %q", agent, st.System, want.system)
		}
		for _, c := range st.Chapters {
			if c.Open != strings.HasPrefix(c.Title, want.chapter) {
				t.Errorf("%s: %s: open %v", agent, c.Title, c.Open)
			}
			for _, step := range c.Steps {
				if want.system != "" && step.System != "" && step.System != want.system {
					t.Errorf("%s: a step for %s is among the first", agent, step.System)
				}
			}
			if want.system == "" && len(c.Others) > 0 {
				t.Errorf("%s: steps are apart though nobody knows for whom", agent)
			}
		}
	}
	for _, c := range guide("http://127.0.0.1:8080", "k") {
		for _, step := range c.Steps {
			if strings.Contains(step.Type, "gsettings") && strings.Contains(step.Type, "networksetup") {
				t.Errorf("two systems in one box: %s", step.Type)
			}
		}
	}
}

func TestLanding_givesEachOfSeveralRootsAndItsDigest(t *testing.T) {
	one, err := certs.Ephemeral([]string{"corp.example"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	two, err := certs.Ephemeral([]string{"amazonaws.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := &session{
		tables: &aws.Tables{}, decrypt: &decrypt.Policy{CAs: []*certs.CA{one, two}}, passed: decrypt.NewPassthrough(nil),
		store: capture.New(capture.Options{}), listen: listening{}, began: time.Now(),
	}
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host = "127.0.0.1:8080"
		s.landing().ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	_, page := get("/")
	for i, ca := range s.decrypt.CAs {
		if !strings.Contains(page, ca.RootFingerprint()) || !strings.Contains(page, ca.Permitted()[0]) {
			t.Errorf("the page lacks root %d", i+1)
		}
		if _, pem := get(fmt.Sprintf("/ca-%d.pem", i+1)); pem != string(ca.RootPEM()) {
			t.Errorf("/ca-%d.pem: %q", i+1, pem)
		}
	}
	if _, all := get("/ca.pem"); all != string(s.decrypt.RootsPEM()) {
		t.Errorf("/ca.pem: %q", all)
	}
	if code, text := get("/nowhere"); code != http.StatusNotFound || !strings.Contains(text, "/proxy.pac") {
		t.Errorf("an unknown path: %d %q", code, text)
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
		decrypt: &decrypt.Policy{CAs: []*certs.CA{ca}, All: true}, passed: decrypt.NewPassthrough(nil),
		store: capture.New(capture.Options{}), listen: listening{}, began: time.Now(),
	}
	if pac := s.pac(); strings.Contains(pac, `"DIRECT"`) || !strings.Contains(pac, `return "PROXY 127.0.0.1:8080; DIRECT";`) {
		t.Errorf("some hosts go straight:\n%s", pac)
	}
	if facts := strings.Join(s.state("").Facts, "\n"); !strings.Contains(facts, "every host on the web") {
		t.Errorf("no word of warning:\n%s", facts)
	}
}

const awsHost = "logs.eu-west-1.amazonaws.com"

// chain is a signing chain in memory.
func chain(t *testing.T) *certs.CA {
	t.Helper()
	ca, err := certs.Ephemeral([]string{"amazonaws.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

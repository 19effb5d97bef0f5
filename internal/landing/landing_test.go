package landing

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"detour/certs"
)

// rootOf is a chain's root certificate as the page takes it.
func rootOf(ca *certs.CA) Root {
	return Root{PEM: ca.RootPEM(), Fingerprint: ca.RootFingerprint(), Domains: ca.Permitted(), NotAfter: ca.NotAfter()}
}

// chain is a signing chain in memory.
func chain(t *testing.T, domains ...string) *certs.CA {
	t.Helper()
	ca, err := certs.Ephemeral(domains, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// runWith is a run whose proxy is at 127.0.0.1:8080.
func runWith(cas ...*certs.CA) Run {
	r := Run{Addr: "127.0.0.1:8080", Console: "https://console.example/", Began: time.Now(), InMemory: true, SPKI: cas[0].SPKI(), State: func() State { return State{} }}
	for _, ca := range cas {
		r.Roots = append(r.Roots, rootOf(ca))
	}
	return r
}

func TestLanding_givesTheRootToLoopbackNamesOnly(t *testing.T) {
	ca := chain(t, "amazonaws.com")
	run := runWith(ca)
	run.Domains = []string{"amazonaws.com", "corp.example"}
	run.State = func() State { return State{Passthrough: []string{"a.example"}} }
	h := Handler(run)
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
		"/":          {ca.RootFingerprint(), "http://127.0.0.1:8080", "passed through without decryption: a.example", "stored: 0 flows", "Running since <time"},
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
	ca := chain(t, "amazonaws.com")
	run := runWith(ca)
	get := func() string {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Host = "127.0.0.1:8080"
		Handler(run).ServeHTTP(w, r)
		return html.UnescapeString(w.Body.String())
	}
	page := get()
	for _, want := range []string{
		"Linux", "macOS", "Windows", "Debian", "Fedora", "GNOME", "Chrome", "Edge", "Brave", "Chromium", "Firefox",
		"--proxy-server=http://127.0.0.1:8080 --ignore-certificate-errors-spki-list=" + ca.SPKI() + " https://console.example/",
		"networksetup -setautoproxyurl Wi-Fi http://127.0.0.1:8080/proxy.pac", "Use setup script", "autoconfig-url http://127.0.0.1:8080/proxy.pac",
		"security add-trusted-cert", "certutil -user -addstore Root", "update-ca-certificates", "update-ca-trust", ".pki/nssdb",
		"about:profiles", "detour ca untrust", "When you are done", `eval "$(detour env --shell sh)"`, "fish | source", "Invoke-Expression", "detour-env.cmd",
		"ask for permission", "in memory: it is of no use after the run ends",
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
	run.InMemory = false
	if strings.Contains(get(), "in memory") {
		t.Error("a certificate that stays is said to be in memory")
	}
}

func TestLanding_beginsWithTheVisitorsSystemAndBrowser(t *testing.T) {
	ca := chain(t, "amazonaws.com")
	run := runWith(ca)
	for agent, want := range map[string]struct{ system, chapter string }{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36": {"Windows", "Chrome"},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15":               {"macOS", "Chrome"},
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0":                                          {"Linux", "Firefox"},
		"curl/8.0": {"", "Chrome"},
	} {
		st := run.pageFor(agent)
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
	for _, c := range run.instructions() {
		for _, step := range c.Steps {
			if strings.Contains(step.Type, "gsettings") && strings.Contains(step.Type, "networksetup") {
				t.Errorf("two systems in one box: %s", step.Type)
			}
		}
	}
}

func TestLanding_givesEachOfSeveralRootsAndItsDigest(t *testing.T) {
	one, two := chain(t, "corp.example"), chain(t, "amazonaws.com")
	run := runWith(one, two)
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host = "127.0.0.1:8080"
		Handler(run).ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	_, page := get("/")
	for i, ca := range []*certs.CA{one, two} {
		if !strings.Contains(page, ca.RootFingerprint()) || !strings.Contains(page, ca.Permitted()[0]) {
			t.Errorf("the page lacks root %d", i+1)
		}
		if _, pem := get(fmt.Sprintf("/ca-%d.pem", i+1)); pem != string(ca.RootPEM()) {
			t.Errorf("/ca-%d.pem: %q", i+1, pem)
		}
	}
	if _, all := get("/ca.pem"); all != string(one.RootPEM())+string(two.RootPEM()) {
		t.Errorf("/ca.pem: %q", all)
	}
	if code, text := get("/nowhere"); code != http.StatusNotFound || !strings.Contains(text, "/proxy.pac") {
		t.Errorf("an unknown path: %d %q", code, text)
	}
}

func TestLanding_withAllHostsTheProxyIsForAllAndThePageWarns(t *testing.T) {
	ca, err := certs.EphemeralUnconstrained(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	run := runWith(ca)
	run.AllHosts, run.Warning = true, "the root can sign for every host on the web"
	if pac := run.PAC(); strings.Contains(pac, `"DIRECT"`) || !strings.Contains(pac, `return "PROXY 127.0.0.1:8080; DIRECT";`) {
		t.Errorf("some hosts go directly:\n%s", pac)
	}
	if facts := strings.Join(run.pageFor("").Facts, "\n"); !strings.Contains(facts, "every host on the web") {
		t.Errorf("no warning:\n%s", facts)
	}
}

func TestLanding_doesntAnswerToOtherSitesPages(t *testing.T) {
	h := Handler(runWith(chain(t, "amazonaws.com")))
	type header = map[string]string
	for name, c := range map[string]struct {
		header header
		want   int
	}{
		"a program":           {nil, http.StatusOK},
		"a typed address":     {header{"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}, http.StatusOK},
		"a link on a page":    {header{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, http.StatusOK},
		"the page's own":      {header{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty", "Origin": "http://127.0.0.1:8080"}, http.StatusOK},
		"a foreign origin":    {header{"Origin": "https://evil.example"}, http.StatusForbidden},
		"another port":        {header{"Origin": "http://127.0.0.1:3000"}, http.StatusForbidden},
		"an opaque origin":    {header{"Origin": "null"}, http.StatusForbidden},
		"an empty origin":     {header{"Origin": ""}, http.StatusForbidden},
		"a foreign script":    {header{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "script"}, http.StatusForbidden},
		"a foreign fetch":     {header{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "empty"}, http.StatusForbidden},
		"a foreign frame":     {header{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}, http.StatusForbidden},
		"a neighbour's fetch": {header{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "empty"}, http.StatusForbidden},
	} {
		for _, path := range []string{"/", "/ca.pem", "/proxy.pac", "/nothing"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			r.Host = "127.0.0.1:8080"
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			want := c.want
			if path == "/nothing" && want == http.StatusOK {
				want = http.StatusNotFound
			}
			if w.Code != want {
				t.Errorf("%s gets %d from %s, want %d", name, w.Code, path, want)
			}
		}
	}
}

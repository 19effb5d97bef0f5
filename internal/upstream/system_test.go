package upstream

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/dial"
	"detour/internal/systemproxy"
	"detour/internal/usererr"
)

// self is where detour listens.
var self = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}

// config is one without variables, with settings of the system.
func config(proxy string, s systemproxy.Settings) Config {
	return Config{Proxy: proxy, Self: self, Running: nobody, Env: func(string) string { return "" }, System: func() systemproxy.Settings { return s }}
}

// ways are the routes for a URL, as text.
func ways(p *Policy, scheme, authority string) string {
	list := append([]*dial.Proxy{p.Via(scheme, authority)}, p.Then(scheme, authority)...)
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = "direct"
		if w != nil {
			words[i] = w.String()
		}
	}
	return strings.Join(words, ", ")
}

func TestUpstream_theSystemsSettings(t *testing.T) {
	fixed := systemproxy.Settings{Source: "Windows", HTTPS: "u:secret@p:1", HTTP: "q:2", Bypass: []string{"*.amazonaws.com"}}
	for name, tc := range map[string]struct {
		s           systemproxy.Settings
		https, http string
		says        string
	}{
		"none":           {systemproxy.Settings{}, "direct", "direct", "the system has no proxy settings: connections are direct"},
		"a fixed one":    {fixed, "http://p:1", "http://q:2", "requests go through the upstream proxy http://p:1 (the system's settings: Windows)"},
		"detour itself":  {systemproxy.Settings{Source: "GNOME", HTTPS: "127.0.0.1:8080"}, "direct", "direct", "the system's proxy setting (GNOME) points to this detour itself; ignored"},
		"SOCKS":          {systemproxy.Settings{Source: "macOS", SOCKS: "s:1080"}, "socks5h://s:1080", "socks5h://s:1080", "socks5h://s:1080"},
		"discovery only": {systemproxy.Settings{Source: "Windows", Discover: true}, "direct", "direct", "only with --upstream-proxy wpad"},
	} {
		p, err := Read(config("system", tc.s))
		if err != nil {
			t.Fatal(err)
		}
		got := ways(p, "https", "x.example:443") + "; " + ways(p, "http", "x.example:80")
		if said := strings.Join(p.Notices, "; "); got != tc.https+"; "+tc.http || !strings.Contains(said, tc.says) || strings.Contains(said, "secret") {
			t.Errorf("%s: %s, notices %q", name, got, said)
		}
		if past := ways(p, "https", "logs.eu-west-1.amazonaws.com:443"); name == "a fixed one" && past != "direct" {
			t.Errorf("%s: an exception goes through %s", name, past)
		}
	}
}

const companyPAC = `function FindProxyForURL(url, host) {
	if (host == "fails.example") throw "no";
	if (host == "self.example") return "PROXY 127.0.0.1:8080; PROXY p:1";
	if (host == "port.example") return url == "https://port.example:8443/" ? "PROXY port:1" : "DIRECT";
	return dnsDomainIs(host, ".amazonaws.com") && !isInNet(host, "10.0.0.0", "255.0.0.0") ? "PROXY a:1; SOCKS5 b:2; DIRECT" : "DIRECT";
}`

func TestUpstream_aPACFile(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); r.URL.Path != "/p.pac" || user != "" && password != "secret" {
			http.Error(w, "<html>sign in</html>", http.StatusForbidden)
			return
		}
		fmt.Fprint(w, companyPAC)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "p.pac")
	if err := os.WriteFile(file, []byte(companyPAC), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]Config{
		"a URL":      config("pac+"+strings.Replace(server.URL, "//", "//u:secret@", 1)+"/p.pac", systemproxy.Settings{}),
		"a file":     config("pac+"+file, systemproxy.Settings{}),
		"file:":      config("pac+"+(&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(file), "/")}).String(), systemproxy.Settings{}),
		"the system": config("system", systemproxy.Settings{Source: "GNOME", PAC: server.URL + "/p.pac", HTTPS: "fixed:1"}),
	} {
		p, err := Read(cfg)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer p.Close()
		for authority, want := range map[string]string{
			"logs.eu-west-1.amazonaws.com:443": "http://a:1, socks5h://b:2, direct", "x.example:443": "direct", "port.example:8443": "http://port:1",
			"self.example:443": "http://p:1", "fails.example:443": "direct",
		} {
			if got := ways(p, "https", authority); got != want {
				t.Errorf("%s: %s goes through %s, want %s", name, authority, got, want)
			}
		}
		if said := strings.Join(p.Notices, "; "); !strings.Contains(said, "requests go where the PAC file ") || strings.Contains(said, "secret") {
			t.Errorf("%s: notices %q", name, said)
		}
		for authority, want := range map[string]string{
			"logs.eu-west-1.amazonaws.com:443": "PROXY a:1; SOCKS5 b:2; DIRECT (it looked up logs.eu-west-1.amazonaws.com)",
			"x.example:443":                    "DIRECT", "fails.example:443": "the PAC file fails: it threw no",
		} {
			if got := p.Why("https", authority); got != want {
				t.Errorf("%s: of %s it said %q, want %q", name, authority, got, want)
			}
		}
		if said := <-p.pac.trouble; said != `the connection to fails.example:443 is direct: the PAC file fails: it threw no` {
			t.Errorf("%s: %q", name, said)
		}
	}
	for at, want := range map[string]string{
		server.URL + "/other": "403 Forbidden", "http://u:secret@127.0.0.1:1/": "refused", "ftp://x/": "begins with", file + ".none": ".none",
	} {
		if _, err := Read(config("pac+"+at, systemproxy.Settings{})); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") ||
			usererr.As(err) == nil {
			t.Errorf("%s: %v", at, err)
		}
	}
}

func TestUnused_isTheSystemsProxyIfTheEnvironmentHasNone(t *testing.T) {
	fixed := systemproxy.Settings{Source: "Windows", HTTPS: "u:secret@p:1"}
	with := func(cfg Config, name, value string) Config {
		cfg.Env = func(n string) string { return map[string]string{name: value}[n] }
		return cfg
	}
	behind := config("env", systemproxy.Settings{Source: "GNOME", PAC: "http://127.0.0.1:9999/proxy.pac"})
	behind.Running = func() []string { return []string{"127.0.0.1:9999"} }
	for name, tc := range map[string]struct {
		cfg  Config
		says string
	}{
		"nothing":     {config("env", systemproxy.Settings{}), ""},
		"a fixed one": {config("env", fixed), "the system's settings (Windows) have the proxy http://p:1, which detour doesn't use: --upstream-proxy system does"},
		"a PAC file": {
			config("env", systemproxy.Settings{Source: "macOS", PAC: "http://p/"}),
			"the system's settings (macOS) have the PAC file http://p/, which detour doesn't use: --upstream-proxy system does",
		},
		"one for http only": {
			config("env", systemproxy.Settings{Source: "KDE", HTTP: "q:2"}),
			"the system's settings (KDE) have the proxy http://q:2, for http only, which detour doesn't use: --upstream-proxy system does",
		},
		"WPAD": {
			config("env", systemproxy.Settings{Source: "KDE", Discover: true}),
			"the system's settings (KDE) search for a proxy (WPAD) and detour doesn't: --upstream-proxy wpad does",
		},
		"a fixed one and WPAD": {
			config("env", systemproxy.Settings{Source: "Windows", HTTPS: "p:1", Discover: true}),
			"the system's settings (Windows) have the proxy http://p:1, which detour doesn't use: --upstream-proxy system does",
		},
		"it is asked not to":               {config("none", fixed), ""},
		"it is used":                       {config("system", fixed), ""},
		"the environment has one":          {with(config("env", fixed), "https_proxy", "e:1"), ""},
		"the environment has one for http": {with(config("env", fixed), "http_proxy", "e:1"), "--upstream-proxy system does"},
		"this detour":                      {config("env", systemproxy.Settings{Source: "GNOME", HTTPS: "127.0.0.1:8080"}), ""},
		"this detour's PAC file":           {config("env", systemproxy.Settings{Source: "GNOME", PAC: "http://127.0.0.1:8080/proxy.pac"}), ""},
		"another detour's PAC file":        {behind, ""},
	} {
		p, err := Read(tc.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if said := NoticeOf(p.Unused(tc.cfg)); (said == "") != (tc.says == "") || !strings.HasSuffix(said, tc.says) {
			t.Errorf("%s: %q, want %q", name, said, tc.says)
		}
	}
}

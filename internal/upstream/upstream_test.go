package upstream

import (
	"maps"
	"net"
	"strings"
	"testing"
)

func TestUpstream_readsTheEnvironmentAsCurlDoes(t *testing.T) {
	const aws, plain = "logs.eu-west-1.amazonaws.com:443", "logs.eu-west-1.amazonaws.com:80"
	for name, tc := range map[string]struct {
		flag        string
		env         map[string]string
		https, http string // "": none
	}{
		"nothing set":                   {flag: "env"},
		"HTTPS_PROXY":                   {flag: "env", env: map[string]string{"HTTPS_PROXY": "p:1"}, https: "http://p:1"},
		"lower case wins":               {flag: "env", env: map[string]string{"HTTPS_PROXY": "p:1", "https_proxy": "q:2"}, https: "http://q:2"},
		"http_proxy in lower case":      {flag: "env", env: map[string]string{"HTTP_PROXY": "p:1"}},
		"http_proxy":                    {flag: "env", env: map[string]string{"http_proxy": "p:1"}, http: "http://p:1"},
		"ALL_PROXY":                     {flag: "env", env: map[string]string{"ALL_PROXY": "socks5h://p:1"}, https: "socks5h://p:1", http: "socks5h://p:1"},
		"the flag":                      {flag: "https://u:p@p:1", env: map[string]string{"HTTPS_PROXY": "q:2"}, https: "https://p:1", http: "https://p:1"},
		"none":                          {flag: "none", env: map[string]string{"HTTPS_PROXY": "p:1"}},
		"NO_PROXY, a suffix":            {flag: "p:1", env: map[string]string{"NO_PROXY": "example.com amazonaws.com"}},
		"NO_PROXY, a dot":               {flag: "p:1", env: map[string]string{"no_proxy": ".amazonaws.com"}},
		"NO_PROXY, the host with dot":   {flag: "p:1", env: map[string]string{"no_proxy": ".logs.eu-west-1.amazonaws.com"}},
		"NO_PROXY, part of a name":      {flag: "p:1", env: map[string]string{"NO_PROXY": "naws.com"}, https: "http://p:1", http: "http://p:1"},
		"NO_PROXY, all":                 {flag: "p:1", env: map[string]string{"NO_PROXY": "*"}},
		"ourselves by name":             {flag: "env", env: map[string]string{"HTTPS_PROXY": "http://localhost:8080"}},
		"ourselves by address":          {flag: "http://127.0.0.1:8080"},
		"another proxy on this machine": {flag: "http://127.0.0.1:8081", https: "http://127.0.0.1:8081", http: "http://127.0.0.1:8081"},
	} {
		t.Run(name, func(t *testing.T) {
			self := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
			u, err := Read(Config{Proxy: tc.flag, Self: self, Running: nobody, Env: func(k string) string { return tc.env[k] }})
			if err != nil {
				t.Fatal(err)
			}
			for scheme, want := range map[string]string{"https": tc.https, "http": tc.http} {
				got, authority := "", map[string]string{"https": aws, "http": plain}[scheme]
				if p := u.Via(scheme, authority); p != nil {
					got = p.String()
				}
				if got != want {
					t.Errorf("%s goes through %q, want %q", scheme, got, want)
				}
			}
			if strings.Contains(strings.Join(u.Notices, " "), "u:p") {
				t.Errorf("credentials are in a notice: %q", u.Notices)
			}
			if strings.HasPrefix(name, "ourselves") != strings.Contains(strings.Join(u.Notices, " "), "itself") {
				t.Errorf("notices %q", u.Notices)
			}
		})
	}
}

func TestUpstream_noProxyTakesAddressesAndPrefixes(t *testing.T) {
	except := noProxy("10.0.0.0/8, 192.0.2.7")
	for authority, want := range map[string]bool{"10.1.2.3:443": true, "192.0.2.7:443": true, "192.0.2.8:443": false, "example.com:443": false} {
		if except("https", authority) != want {
			t.Errorf("%s: want %v", authority, want)
		}
	}
}

func TestUpstream_aBadProxyIsNamedWithoutItsPassword(t *testing.T) {
	_, err := Read(Config{Proxy: "env", Self: &net.TCPAddr{}, Running: nobody, Env: func(k string) string {
		return map[string]string{"HTTPS_PROXY": "ftp://u:secret@h"}[k]
	}})
	if err == nil || !strings.Contains(err.Error(), "HTTPS_PROXY") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

// nobody says that no other detour is running.
func nobody() []string { return nil }

func TestUpstream_aVariableThatPointsToARunningDetourIsIgnored(t *testing.T) {
	self := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40000}
	running := func() []string { return []string{"127.0.0.1:8080", "[::1]:9000"} }
	shell := map[string]string{"https_proxy": "http://127.0.0.1:8080", "HTTPS_PROXY": "http://127.0.0.1:8080", "http_proxy": "http://localhost:8080"}
	behind := maps.Clone(shell)
	behind["DETOUR_SAVED"], behind["DETOUR_SAVED_HTTPS_PROXY"], behind["DETOUR_SAVED_NO_PROXY"] = "1", "http://proxy.corp.example:3128", "sts.amazonaws.com"
	for name, tc := range map[string]struct {
		flag  string
		env   map[string]string
		proxy string
		news  string
	}{
		"a terminal behind detour env": {"env", shell, "", "https_proxy and http_proxy point to a running detour; ignored"},
		"one that was behind a company's proxy": {
			"env", behind, "http://proxy.corp.example:3128",
			"https_proxy and http_proxy point to a running detour; ignored; requests go through the upstream proxy http://proxy.corp.example:3128 (HTTPS_PROXY)",
		},
		"ALL_PROXY":                      {"env", map[string]string{"ALL_PROXY": "[::1]:9000"}, "", "ALL_PROXY points to a running detour; ignored"},
		"another port":                   {"env", map[string]string{"HTTPS_PROXY": "127.0.0.1:8081"}, "http://127.0.0.1:8081", "requests go through the upstream proxy http://127.0.0.1:8081 (HTTPS_PROXY)"},
		"the flag, which overrides that": {"http://127.0.0.1:8080", nil, "http://127.0.0.1:8080", "requests go through the upstream proxy http://127.0.0.1:8080 (--upstream-proxy)"},
	} {
		u, err := Read(Config{Proxy: tc.flag, Self: self, Running: running, Env: func(k string) string { return tc.env[k] }})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if p := u.Via("https", "logs.eu-west-1.amazonaws.com:443"); p != nil {
			got = p.String()
		}
		if got != tc.proxy || strings.Join(u.Notices, "; ") != tc.news {
			t.Errorf("%s: through %q, want %q; notices %q, want %q", name, got, tc.proxy, u.Notices, tc.news)
		}
	}
	_, _ = Read(Config{
		Proxy: "env", Self: self,
		Running: func() []string {
			t.Error("the proxy is on another machine, yet the running detours were listed")
			return nil
		},
		Env: func(k string) string { return map[string]string{"HTTPS_PROXY": "http://proxy.corp.example:3128"}[k] },
	})
}

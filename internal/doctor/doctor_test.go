package doctor

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/browserpolicy"
	"detour/internal/flow"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func route(p, by string) Route { return Route{netip.MustParsePrefix(p), by} }

// healthy is a machine with which nothing is wrong.
func healthy() Facts {
	return Facts{
		Port:    Port{Address: "127.0.0.1:8080", Default: true},
		Browser: Browser{Choice: "auto", Path: "/usr/bin/chromium", Managed: true},
		State:   State{Dir: "/state"},

		Captures: Captures{Dir: "/state/captures", Files: 3, Bytes: 5 << 20},
		Resolvers: []Resolver{{
			Server: "10.0.0.2:53", Name: "a.example", Outcome: flow.DNSOK, Took: 3 * time.Millisecond,
			Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23"), netip.MustParseAddr("52.94.1.1")},
		}},
		Network: Network{
			Tunnels: []Interface{{Name: "tun0", Addrs: []string{"172.16.8.5/24"}}},
			Samples: []Route{route("10.0.0.0/8", "tun0"), route("192.168.0.0/16", "eth0")},
		},
		Server:   Server{Host: "a.example", TLS: flow.TLSOK, Issued: flow.IssuerAWS, Issuer: "CN=Amazon", Date: now, Now: now.Add(2 * time.Second)},
		CA:       []Chain{{Dir: "/state/ca", Now: now, NotAfter: now.AddDate(1, 0, 0), Trusted: []string{"Firefox"}}},
		Terminal: Terminal{Is: true, Term: "xterm-256color", UTF8: true, Width: 120, Height: 40},
	}
}

func TestJudge_findsNothingWrongWithAHealthyMachine(t *testing.T) {
	checks := Judge(healthy())
	if Worst(checks) != OK {
		t.Errorf("%s", Text(checks))
	}
	seen := make(map[string]bool)
	for _, c := range checks {
		seen[c.Code] = true
	}
	for _, code := range strings.Fields("port browser policy profile captures config proxy pac resolver hosts routes aws clock interception ca terminal clipboard") {
		if !seen[code] {
			t.Errorf("%s isn't checked", code)
		}
	}
	if text := Text(checks); !strings.Contains(text, "ok    resolver     10.0.0.2:53 resolves a.example to 10.0.1.23 (private) and 52.94.1.1 in 3 ms\n") {
		t.Errorf("got\n%s", text)
	}
}

func TestJudge_seesWhatIsWrongAndSaysWhatToDo(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Facts)
		code   string
		level  Level
		says   string
	}{
		"the default port is taken": {func(f *Facts) { f.Port.Err = "in use" }, "port", OK, "in use by another program; a run picks a free port"},
		"a port that was asked for": {func(f *Facts) { f.Port = Port{Address: "127.0.0.1:9", Err: "in use"} }, "port", Fail, "can't listen on 127.0.0.1:9: in use"},
		"the port is a detour's":    {func(f *Facts) { f.Port.Err, f.Port.Own = "in use", "127.0.0.1:8080" }, "port", OK, "a running detour"},
		"no browser":                {func(f *Facts) { f.Browser = Browser{Choice: "auto", Err: "no display"} }, "browser", Warn, "no display"},
		"no such browser":           {func(f *Facts) { f.Browser = Browser{Choice: "edge", Err: "no edge"} }, "browser", Fail, "no edge"},
		"a policy's proxy": {func(f *Facts) {
			f.Browser.Policies = []browserpolicy.Effect{{Kind: browserpolicy.Bypass, Text: "the policy P makes it"}}
		}, "policy", Fail, "the browser bypasses detour: the policy P makes it"},
		"a policy that breaks pages": {func(f *Facts) {
			f.Browser.Policies = []browserpolicy.Effect{{Kind: browserpolicy.Breaks, Text: "the policy P"}}
		}, "policy", Fail, "AWS's pages fail in the browser: the policy P"},
		"forced extensions": {func(f *Facts) {
			f.Browser.Policies = []browserpolicy.Effect{{Kind: browserpolicy.Alters, Text: "extensions"}}
		}, "policy", Warn, "extensions"},
		"policies that can't be read": {func(f *Facts) {
			f.Browser.Policies = []browserpolicy.Effect{{Kind: browserpolicy.Unread, Text: "cloud"}}
		}, "policy", Warn, "cloud"},
		"policies that don't matter": {func(f *Facts) {
			f.Browser.Policies = []browserpolicy.Effect{{Kind: browserpolicy.Harmless, Text: "A"}, {Kind: browserpolicy.Harmless, Text: "B"}}
		}, "policy", OK, "A and B"},
		"captures can't be kept":           {func(f *Facts) { f.Captures.Err = "read-only" }, "captures", Warn, "read-only"},
		"captures take a lot":              {func(f *Facts) { f.Captures.Bytes = 3 << 29 }, "captures", Warn, "3 captures (1.6 GB) in /state/captures"},
		"a browser that starts twice":      {func(f *Facts) { f.Browser.Twice = true }, "browser", OK, "certutil"},
		"a full disk":                      {func(f *Facts) { f.State.Err = "no space" }, "profile", Fail, "can't write to /state: no space"},
		"no place for anything":            {func(f *Facts) { f.State = State{Err: "neither HOME nor"} }, "profile", Fail, "neither HOME nor"},
		"a profile in use":                 {func(f *Facts) { f.State.Profile, f.State.OpenBy = "/p", "process 4711" }, "profile", Warn, "a browser (process 4711) has the profile /p open"},
		"a profile of another computer":    {func(f *Facts) { f.State.OpenBy, f.State.Away = "another computer (b)", true }, "profile", Warn, "another computer (b) has locked"},
		"a setting that no run takes":      {func(f *Facts) { f.Settings.Wrong = &Mistake{"--bodies \"foo\" is unknown", "take one"} }, "config", Fail, "would not start: --bodies"},
		"settings that no table goes with": {func(f *Facts) { f.Settings = Settings{Wrong: &Mistake{"--json writes", "add"}, Table: true} }, "config", Warn, "table can't be shown"},
		"an address that isn't loopback":   {func(f *Facts) { f.Port.Wrong = &Mistake{"--listen 0.0.0.0:80 is not", "127.0.0.1"} }, "port", Fail, "0.0.0.0:80 is not"},
		"a detour at the port asked for":   {func(f *Facts) { f.Port = Port{Address: "a:1", Err: "in use", Own: "a:1"} }, "port", Fail, "by a running detour"},
		"behind a detour":                  {func(f *Facts) { f.Env.Own, f.Env.OwnAt = []string{"https_proxy", "http_proxy"}, "127.0.0.1:8080" }, "proxy", OK, "https_proxy and http_proxy point to a running detour (127.0.0.1:8080)"},
		"behind a detour that has ended":   {func(f *Facts) { f.Env.Self, f.Env.SelfAt = []string{"HTTPS_PROXY"}, "127.0.0.1:8080" }, "proxy", Warn, "HTTPS_PROXY points to 127.0.0.1:8080, where detour itself would listen"},
		"a PAC of a variable":              {func(f *Facts) { f.PAC = PAC{URL: "http://pac/", Variable: "auto_proxy"} }, "pac", Warn, "the environment (auto_proxy) has"},
		"nobody at the default nameserver": {func(f *Facts) {
			f.Resolvers = []Resolver{{Server: "127.0.0.1:53", Outcome: flow.DNSError, Err: "x", Default: true}}
		}, "resolver", Fail, "no nameserver is configured, and none responds at 127.0.0.1:53"},
		"a nameserver that refuses":      {func(f *Facts) { f.Resolvers[0].Outcome, f.Resolvers[0].Err = flow.DNSError, "connection refused" }, "resolver", Fail, "can't query 10.0.0.2:53 for a.example: connection refused"},
		"a nameserver that blocks":       {func(f *Facts) { f.Resolvers[0].Addrs = []netip.Addr{netip.IPv4Unspecified()} }, "resolver", Fail, "resolves a.example to an unusable address: 0.0.0.0"},
		"AWS can't be reached":           {func(f *Facts) { f.Server = Server{Host: "a.example", Err: "refused"} }, "aws", Fail, "can't reach a.example: refused"},
		"a chain in a file":              {func(f *Facts) { f.CA[0].NoDir, f.CA[0].Err = "/etc/passwd", "x" }, "ca", Fail, "the signing chain needs a directory, and /etc/passwd isn't one"},
		"nonsense in HTTPS_PROXY":        {func(f *Facts) { f.Env.Err = "HTTPS_PROXY: what?" }, "proxy", Fail, "what?"},
		"an upstream proxy that is dead": {func(f *Facts) { f.Env.Upstream = []Reach{{Name: "http://p:3128", Err: "refused"}} }, "proxy", Fail, "can't reach the upstream proxy http://p:3128: refused"},
		"one of several of a PAC file is dead": {func(f *Facts) {
			f.Env.Upstream = []Reach{{Name: "http://p:3128", Err: "refused", Next: true}}
		}, "proxy", Warn, "can't reach the upstream proxy http://p:3128: refused"},
		"AWS past the upstream proxy":       {func(f *Facts) { f.Env.Proxies, f.Env.Past = []string{"p"}, []string{".amazonaws.com"} }, "proxy", Warn, ".amazonaws.com"},
		"a PAC":                             {func(f *Facts) { f.PAC.URL = "http://pac/" }, "pac", Warn, "http://pac/"},
		"a proxy of the system":             {func(f *Facts) { f.PAC.Proxy = "the proxy http://p:1" }, "pac", Warn, "the system has the proxy http://p:1, which detour doesn't use"},
		"a PAC that is used":                {func(f *Facts) { f.PAC.URL, f.PAC.Used = "http://pac/", true }, "pac", OK, "http://pac/"},
		"WPAD":                              {func(f *Facts) { f.PAC.Auto = true }, "pac", Warn, "WPAD"},
		"no nameserver":                     {func(f *Facts) { f.Resolvers = nil }, "resolver", Warn, "no nameserver"},
		"the only nameserver is silent":     {func(f *Facts) { f.Resolvers[0].Outcome = flow.DNSTimeout }, "resolver", Fail, "timeout"},
		"one of two nameservers is silent":  {func(f *Facts) { f.Resolvers = append(f.Resolvers, Resolver{Server: "b", Outcome: flow.DNSTimeout}) }, "resolver", Warn, "b returns no address"},
		"an inner nameserver and a proxy":   {func(f *Facts) { f.Resolvers[0].Outcome, f.Env.Proxies = flow.DNSNXDomain, []string{"p"} }, "resolver", Warn, "resolves names itself"},
		"a name of AWS in the hosts file":   {func(f *Facts) { f.Hosts = []HostsLine{{"/etc/hosts:7", "10.0.0.9", "logs.x"}} }, "hosts", Warn, "logs.x is 10.0.0.9 (/etc/hosts:7)"},
		"no network at all":                 {func(f *Facts) { f.Network = Network{Samples: []Route{route("10.0.0.0/8", "")}} }, "routes", Warn, "no route to private addresses"},
		"a VPN without routes":              {func(f *Facts) { f.Network.Samples = []Route{route("10.0.0.0/8", "eth0")} }, "routes", Warn, "tun0 is up, but"},
		"no internet":                       {func(f *Facts) { f.Server = Server{Host: "a.example", Err: "timeout"} }, "clock", Warn, "can't get the time from a.example"},
		"a clock that is an hour behind":    {func(f *Facts) { f.Server.Now = now.Add(-time.Hour) }, "clock", Fail, "1h0m0s behind AWS's"},
		"a clock that is a minute ahead":    {func(f *Facts) { f.Server.Now = now.Add(time.Minute) }, "clock", Warn, "1m0s ahead of AWS's"},
		"an interceptor that is trusted":    {func(f *Facts) { f.Server.Issued, f.Server.Issuer = flow.IssuerPrivate, "CN=Corp" }, "interception", Warn, "issued by CN=Corp, not by AWS's CA; this machine trusts it"},
		"an interceptor that isn't trusted": {func(f *Facts) { f.Server.TLS, f.Server.Issuer = flow.TLSUntrusted, "CN=Corp" }, "interception", Fail, "issued by CN=Corp, which this machine doesn't trust"},
		"TLS that is reset":                 {func(f *Facts) { f.Server.TLS, f.Server.Err = flow.TLSReset, "reset" }, "interception", Fail, "TLS with a.example fails: reset"},
		"a chain that has ended":            {func(f *Facts) { f.CA[0].NotAfter = now }, "ca", Warn, "expired on 2026-11-23"},
		"a chain that ends soon":            {func(f *Facts) { f.CA[0].NotAfter = now.AddDate(0, 0, 3) }, "ca", Warn, "expires on 2026-11-26"},
		"a chain that can't be read":        {func(f *Facts) { f.CA[0].Err = "torn" }, "ca", Fail, "torn"},
		"a root without limits":             {func(f *Facts) { f.CA[0].EveryHost = true }, "ca", Warn, "every host on the web"},
		"a retired root":                    {func(f *Facts) { f.CA[0].Retired = []string{"Firefox"} }, "ca", Warn, "replaced"},
		"stores that can't be asked":        {func(f *Facts) { f.CA[0].Trusted, f.CA[0].Unknown = nil, []string{"nss"} }, "ca", Warn, "nss"},
		"a variable that is no flag's":      {func(f *Facts) { f.Settings.Unknown = []string{"DETOUR_BODYS (DETOUR_BODIES?)"} }, "config", Warn, "DETOUR_BODYS"},
		"a dumb terminal":                   {func(f *Facts) { f.Terminal.Term = "dumb" }, "terminal", Fail, "TERM=dumb"},
		"a small terminal":                  {func(f *Facts) { f.Terminal.Width = 60 }, "terminal", Warn, "60x40"},
		"a terminal of the last century":    {func(f *Facts) { f.Terminal.UTF8 = false }, "terminal", Warn, "UTF-8"},
		"no program for the clipboard":      {func(*Facts) {}, "clipboard", OK, "OSC 52 alone"},
		"programs for the clipboard":        {func(f *Facts) { f.Terminal.Clipboard = []string{"xclip", "tmux"} }, "clipboard", OK, "xclip and tmux, and OSC 52"},
		"captures take little":              {func(*Facts) {}, "captures", OK, "detour captures --older-than 30d"},
	} {
		f := healthy()
		tc.change(&f)
		checks := Judge(f)
		seen := false
		for _, c := range checks {
			if c.Code == tc.code && c.Level == tc.level && strings.Contains(c.Text, tc.says) {
				seen = true
			}
			if c.Level == Fail && c.Fix == "" {
				t.Errorf("%s: %q says nothing of what to do", name, c.Text)
			}
		}
		if !seen {
			t.Errorf("%s: no %s of %s with %q in\n%s", name, tc.level, tc.code, tc.says, Text(checks))
		}
	}
}

func TestNetwork_listsThePrivateRangesOfEachVPN(t *testing.T) {
	tun0, wg0 := Interface{Name: "tun0", Addrs: []string{"10.9.0.2/24"}}, Interface{Name: "wg0", Addrs: []string{"10.66.0.2/32"}}
	direct := []Route{route("10.0.0.0/8", "v0"), route("172.16.0.0/12", "v0"), route("192.168.0.0/16", "v0"), route("fd00::/8", "")}
	var many []Route
	for i := range 9 {
		many = append(many, Route{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(20 + i), 0, 0}), 16), "tun0"})
	}
	for name, tc := range map[string]struct {
		n     Network
		level Level
		want  string
	}{
		"a split tunnel": {
			Network{[]Interface{tun0}, direct, []Route{
				route("0.0.0.0/0", "v0"), route("172.20.0.0/16", "tun0"), route("10.20.0.0/16", "tun0"), route("10.9.0.0/24", "tun0"), route("52.94.0.0/16", "tun0"),
			}},
			OK, "a VPN is up: tun0 carries 10.20.0.0/16 and 172.20.0.0/16; other private addresses go through v0",
		},
		"one for everything, by a table of its own": {
			Network{[]Interface{tun0}, []Route{route("10.0.0.0/8", "tun0"), route("172.16.0.0/12", "tun0")}, []Route{route("0.0.0.0/0", "v0")}},
			OK, "a VPN is up: tun0 carries 10.0.0.0/8 and 172.16.0.0/12",
		},
		"its link alone": {
			Network{[]Interface{tun0}, direct, []Route{route("10.9.0.0/24", "tun0")}},
			Warn, "tun0 is up, but no private range is routed through it; sample routes: 10.0.0.0/8 through v0, 172.16.0.0/12 through v0, 192.168.0.0/16 through v0",
		},
		"two, of which one has nothing": {
			Network{[]Interface{tun0, wg0}, direct, []Route{route("fd00:1::/48", "wg0")}},
			OK, "a VPN is up: wg0 carries fd00:1::/48; tun0 carries none; other private addresses go through v0",
		},
		"a sample that a narrower route explains": {
			Network{[]Interface{tun0}, []Route{route("10.0.0.0/8", "tun0")}, []Route{route("10.0.0.0/16", "tun0")}},
			OK, "a VPN is up: tun0 carries 10.0.0.0/16",
		},
		"many ranges": {
			Network{[]Interface{tun0}, nil, many},
			OK, "a VPN is up: tun0 carries 10.20.0.0/16, 10.21.0.0/16, 10.22.0.0/16, 10.23.0.0/16, 10.24.0.0/16, 10.25.0.0/16 and 3 more",
		},
	} {
		if c := tc.n.check(); c.Level != tc.level || c.Text != tc.want {
			t.Errorf("%s:\ngot  %s %s\nwant %s %s", name, c.Level, c.Text, tc.level, tc.want)
		}
	}
}

func TestServer_whereTheHostsFileIsInTheWayTheFixNamesIt(t *testing.T) {
	f := healthy()
	f.Server = Server{Host: "a.example", Err: "refused"}
	f.Hosts = []HostsLine{{"/etc/hosts:7", "0.0.0.0", "a.example"}}
	if c := f.Server.reach(f.Hosts); c.Level != Fail || !strings.Contains(c.Fix, "/etc/hosts:7") {
		t.Errorf("got %+v", c)
	}
}

func TestText_cantMoveTheCursor(t *testing.T) {
	if got := Text([]Check{ok("x", "a\x1b[2J\nb")}); strings.ContainsRune(got, '\x1b') || strings.Count(got, "\n") != 1 {
		t.Errorf("%q", got)
	}
}

package pac

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"detour/internal/cputime"
)

// noon is a Wednesday.
var noon = time.Date(2026, 11, 25, 12, 30, 15, 0, time.UTC)

func addrs(list ...string) (out []netip.Addr) {
	for _, s := range list {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

// config has a script, three names and a fixed time.
func config(script string) Config {
	return Config{
		Script: script, Now: func() time.Time { return noon },
		Own: func() []netip.Addr { return addrs("10.1.2.3", "fd00::3") },
		Lookup: func(_ context.Context, host string) []netip.Addr {
			return map[string][]netip.Addr{
				"in.corp.example": addrs("10.20.30.40"), "both.example": addrs("2001:db8::1", "192.0.2.1"), "six.example": addrs("2001:db8::2"),
			}[host]
		},
	}
}

func newScript(t *testing.T, cfg Config) *Script {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// find returns the answer for a URL.
func find(t *testing.T, s *Script, at string) (Answer, error) {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return s.Find(t.Context(), u)
}

// TestHelpers has the examples of Netscape's specification, and what Chromium and Firefox
// do where it is silent.
func TestHelpers(t *testing.T) {
	s := newScript(t, config(`function FindProxyForURL(url, host) { return "DIRECT"; }`))
	for call, want := range map[string]string{
		`isPlainHostName("www")`: "true", `isPlainHostName("www.netscape.com")`: "false", `isPlainHostName("::1")`: "false",
		`dnsDomainIs("www.netscape.com", ".netscape.com")`: "true", `dnsDomainIs("www", ".netscape.com")`: "false",
		`dnsDomainIs("WWW.Netscape.com", ".netscape.COM")`: "true", `dnsDomainIs("www.mcom.com", ".netscape.com")`: "false",
		`localHostOrDomainIs("www.netscape.com", "www.netscape.com")`: "true", `localHostOrDomainIs("www", "www.netscape.com")`: "true",
		`localHostOrDomainIs("www.mcom.com", "www.netscape.com")`: "false", `localHostOrDomainIs("ww", "www.netscape.com")`: "false",
		`dnsDomainLevels("www")`: "0", `dnsDomainLevels("www.netscape.com")`: "2",
		`shExpMatch("http://home.netscape.com/people/ari/index.html", "*/ari/*")`:      "true",
		`shExpMatch("http://home.netscape.com/people/montulli/index.html", "*/ari/*")`: "false",
		`shExpMatch("a.b", "a?b")`: "true", `shExpMatch("ab", "a?b")`: "false", `shExpMatch("", "*")`: "true", `shExpMatch("x", "")`: "false",
		`shExpMatch("[x]", "[x]")`: "true", `shExpMatch("aab", "*ab")`: "true",
		`convert_addr("104.16.41.2")`: "1745889538", `convert_addr("x")`: "0",
		`isResolvable("in.corp.example")`: "true", `isResolvable("none.example")`: "false", `isResolvable("six.example")`: "false",
		`isResolvableEx("six.example")`: "true", `dnsResolve("both.example")`: "192.0.2.1", `dnsResolve("none.example")`: "null",
		`dnsResolveEx("both.example")`: "2001:db8::1;192.0.2.1", `dnsResolveEx("none.example")`: "",
		`isInNet("in.corp.example", "10.20.0.0", "255.255.0.0")`: "true", `isInNet("198.95.249.79", "198.95.249.79", "255.255.255.255")`: "true",
		`isInNet("198.95.6.8", "198.95.0.0", "255.255.0.0")`: "true", `isInNet("198.96.6.8", "198.95.0.0", "255.255.0.0")`: "false",
		`isInNet("none.example", "0.0.0.0", "0.0.0.0")`: "false", `isInNetEx("2001:db8::9", "2001:db8::/32")`: "true",
		`isInNetEx("10.1.2.3", "10.0.0.0/8")`: "true", `isInNetEx("in.corp.example", "10.0.0.0/8")`: "false",
		`myIpAddress()`: "10.1.2.3", `myIpAddressEx()`: "10.1.2.3;fd00::3", `getClientVersion()`: "1.0",
		`sortIpAddressList("10.2.3.9;2001:4898:28:1::1;::1;127.0.0.1")`: "::1;2001:4898:28:1::1;10.2.3.9;127.0.0.1", `sortIpAddressList("x")`: "",
		`alert("x")`: "null",
		// 2026-11-25 is a Wednesday, at 12:30:15.
		`weekdayRange("WED")`: "true", `weekdayRange("MON", "FRI")`: "true", `weekdayRange("SAT", "MON")`: "false",
		`weekdayRange("SAT", "WED", "GMT")`: "true", `weekdayRange("XXX")`: "false",
		`dateRange(25)`: "true", `dateRange(24)`: "false", `dateRange("NOV")`: "true", `dateRange(2026)`: "true", `dateRange(25, "NOV", 2026)`: "true",
		`dateRange(1, 24)`: "false", `dateRange(1, 25)`: "true", `dateRange("JAN", "MAR")`: "false", `dateRange("OCT", "JAN")`: "true",
		`dateRange(1, "JUN", 15, "AUG")`: "false", `dateRange(1, "JUN", 15, "DEC")`: "true", `dateRange("OCT", 2025, "MAR", 2027)`: "true",
		`dateRange(1, "JUN", 2025, 15, "AUG", 2026)`: "false", `dateRange(2025, 2026, "GMT")`: "true", `dateRange()`: "false",
		`timeRange(12)`: "true", `timeRange(13)`: "false", `timeRange(12, 13)`: "true", `timeRange(9, 12)`: "true", `timeRange(22, 6)`: "false",
		`timeRange(8, 30, 17, 0)`: "true", `timeRange(12, 31, 17, 0)`: "false", `timeRange(12, 30, 15, 12, 30, 15)`: "true",
		`timeRange(0, 0, 0, 12, 30, 14)`: "false", `timeRange(22, 0, 13, 0, "GMT")`: "true", `timeRange("x")`: "false",
	} {
		s.engine.current = &evaluation{ctx: t.Context()}
		v, err := s.engine.vm.Eval("String("+call+")", 0)
		if err != nil || fmt.Sprint(v) != want {
			t.Errorf("%s is %v, %v; want %s", call, v, err, want)
		}
	}
}

func TestParse_theRoutesOfBrowsers(t *testing.T) {
	for text, want := range map[string]string{
		"DIRECT": "[]", "": "[]", " ; ": "[]", "direct": "[]",
		"PROXY p:3128": "[http://p:3128]", "proxy p": "[http://p:80]", "HTTP p:1": "[http://p:1]", "HTTPS p": "[https://p:443]",
		"SOCKS s:1": "[socks5://s:1]", "SOCKS5 s": "[socks5h://s:1080]", "PROXY [fd00::1]:3128": "[http://[fd00::1]:3128]",
		"PROXY a:1; PROXY b:2; DIRECT": "[http://a:1 http://b:2 ]", "PROXY a:1;;NONSENSE x:1;DIRECT": "[http://a:1 ]",
		"SOCKS4 s:1; PROXY p:2": "[http://p:2]",
		"SOCKS4 s:1":            "SOCKS 4", "NONSENSE": "unknown", "PROXY": "no host", "PROXY u:p@h:1": "isn't a host", "PROXY h:0": "isn't a host", "PROXY h/x:1": "isn't a host",
	} {
		got, err := Parse(text)
		if said := fmt.Sprint(got); err == nil && said != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %s, %v; want %s", text, said, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("PROXY a:1; SOCKS5 [::1]:2; DIRECT")
	f.Add("HTTPS x")
	f.Fuzz(func(t *testing.T, text string) {
		routes, err := Parse(text)
		if (err == nil) == (len(routes) == 0) || len(routes) > maxRoutes {
			t.Errorf("%q: %v, %v", text, routes, err)
		}
		for _, r := range routes {
			if u, err := url.Parse(string(r)); r != Direct && (err != nil || u.Hostname() == "" || u.Port() == "" || u.User != nil || u.Path != "") {
				t.Errorf("%q: route %q", text, r)
			}
		}
	})
}

const company = "\ufeff" + `
var calls = 0;
function FindProxyForURL(url, host) {
	calls++;
	if (isPlainHostName(host) || isInNet(host, "10.0.0.0", "255.0.0.0")) return "DIRECT";
	if (shExpMatch(url, "https://*.amazonaws.com/*secret*")) return "PROXY leak:1";
	if (dnsDomainIs(host, ".amazonaws.com")) return "PROXY aws.corp.example:8080; DIRECT";
	return "PROXY calls" + calls + ":1";
}`

func TestFind_answersAsABrowserWould(t *testing.T) {
	s := newScript(t, config(company))
	for at, want := range map[string]string{
		"https://intranet/":                                  "[] looked up []",
		"https://in.corp.example/":                           "[] looked up [in.corp.example]",
		"https://logs.eu-west-1.amazonaws.com/secret?secret": "[http://aws.corp.example:8080 ] looked up [logs.eu-west-1.amazonaws.com]",
		"https://user:secret@s3.amazonaws.com:8443/#secret":  "[http://aws.corp.example:8080 ] looked up [s3.amazonaws.com]",
	} {
		a, err := find(t, s, at)
		if got := fmt.Sprint(a.Routes, " looked up ", a.Lookups); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", at, got, err, want)
		}
	}
}

func TestFind_remembersAHostForAMinute(t *testing.T) {
	cfg, now := config(company), noon
	cfg.Now = func() time.Time { return now }
	s := newScript(t, cfg)
	answer := func(at string) string {
		a, err := find(t, s, at)
		if err != nil {
			t.Fatal(err)
		}
		return a.Text
	}
	first := answer("https://x.example/a")
	if again := answer("https://x.example/b"); again != first {
		t.Errorf("the host is asked again: %s, then %s", first, again)
	}
	if plain := answer("http://x.example/a"); plain == answer("http://x.example/b") {
		t.Errorf("the script may go by the path of plain HTTP: %s", plain)
	}
	now = now.Add(answerTime)
	if later := answer("https://x.example/"); later == first {
		t.Error("a minute later it holds")
	}
}

func TestFind_foreignCodeIsBounded(t *testing.T) {
	for name, tc := range map[string]struct{ body, says string }{
		"a memory bomb":             {`let a = []; for (;;) a.push("x".repeat(1 << 16) + a.length);`, "exceeds its limits"},
		"a growing text":            {`let s = "x"; for (;;) s += s + s;`, ""},
		"a huge return":             {`return "PROXY " + "x".repeat(1 << 20);`, "exceeds its limits"},
		"endless recursion":         {`function f() { return f() + 1; } return f();`, "exceeds its limits"},
		"recursion by getters":      {`let o = { get a() { return this.a } }; return o.a;`, "exceeds its limits"},
		"recursion by a proxy":      {`let p = new Proxy({}, { get: (t, k, r) => r[k] }); return p.x;`, "exceeds its limits"},
		"nested code":               {`return eval("[".repeat(100000));`, ""},
		"nested parentheses":        {`return eval("(".repeat(100000) + ")".repeat(100000));`, ""},
		"nested JSON":               {`return JSON.parse("[".repeat(100000));`, ""},
		"nested groups":             {`return new RegExp("(".repeat(100000)).test("");`, ""},
		"nested unary operators":    {`return eval("-~".repeat(100000) + "1");`, ""},
		"nested bound functions":    {`let f = x => x; for (let i = 0; i < 100000; i++) f = f.bind(null); return f("DIRECTx");`, ""},
		"an exception":              {`throw new Error("no\nmore");`, "the PAC file fails"},
		"a number":                  {`return 7;`, "returned no text"},
		"nothing":                   {``, "returned no text"},
		"an unknown keyword":        {`return "GARBAGE";`, "no usable route"},
		"a function that is absent": {`return XMLHttpRequest();`, "fails"},
	} {
		s := newScript(t, config("function FindProxyForURL(url, host) { if (host == 'good') return 'DIRECT';"+tc.body+"}"))
		if a, err := find(t, s, "https://x.example/"); err == nil || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, %v", name, a, err)
		}
		if _, err := find(t, s, "https://good/"); err != nil {
			t.Errorf("after %s nothing works: %v", name, err)
		}
	}
}

func TestFind_anEndlessLoopEnds(t *testing.T) {
	s := newScript(t, config(`function FindProxyForURL(url, host) { if (host == "good") return "DIRECT"; for (;;); }`))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var err error
	took := cputime.Of(func() { _, err = s.Find(ctx, &url.URL{Scheme: "https", Host: "x"}) })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if took > maxTime/2 {
		t.Errorf("its end took %s, although nobody waits", took)
	}
	if _, err := find(t, s, "https://good/"); err != nil {
		t.Error(err)
	}
	if testing.Short() || os.Getenv("DETOUR_FULL_TESTS") == "" {
		return // the limit itself is 5 s
	}
	if _, err := find(t, s, "https://x/"); !errors.Is(err, ErrLimit) {
		t.Errorf("%v", err)
	}
}

func TestFind_theLookupsOfOneEvaluationAreCounted(t *testing.T) {
	s := newScript(t, config(`function FindProxyForURL() { for (let i = 0; i < 1000; i++) dnsResolve("h" + i + ".example"); return "DIRECT"; }`))
	if a, err := find(t, s, "https://x/"); err != nil || len(a.Lookups) != maxLookups {
		t.Errorf("%d lookups, %v", len(a.Lookups), err)
	}
}

func TestNew_refusesWhatIsNoPACFile(t *testing.T) {
	for name, script := range map[string]string{
		"a page": "<!doctype html><title>Sign in</title>", "nothing": "", "no function": "var FindProxyForURL = 1;", "an error": "function FindProxyForURL( {",
	} {
		if s, err := New(config(script)); err == nil {
			s.Close()
			t.Errorf("%s is taken", name)
		}
	}
}

// TestScript_hasNoFilesAndNoNetwork lists what the engine has besides JavaScript itself.
func TestScript_hasNoFilesAndNoNetwork(t *testing.T) {
	s := newScript(t, config(`function FindProxyForURL() { return ["std", "os", "bjson", "print", "console", "scriptArgs", "__loadScript", "require", "process",
		"fetch", "XMLHttpRequest", "WebSocket", "Worker", "navigator", "importScripts"].filter(n => n in globalThis).join(" ") ? "PROXY found:1" : "DIRECT"; }`))
	if a, err := find(t, s, "https://x/"); err != nil || a.Text != "DIRECT" {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := New(config(`import * as std from "std"; function FindProxyForURL() {}`)); err == nil {
		t.Error("a module is imported")
	}
}

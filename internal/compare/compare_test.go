package compare

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"detour/internal/flow"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var t0 = time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)

const (
	consoleHost = "ap-northeast-1.console.aws.amazon.com"
	metricsHost = "monitoring.ap-northeast-1.amazonaws.com"
	ec2Host     = "ec2.ap-northeast-1.amazonaws.com"
)

// call is one that was answered after 90 ms by an address.
func call(host, op string, ips ...string) *flow.Flow {
	service, _, _ := strings.Cut(host, ".")
	f := &flow.Flow{
		State: flow.StateDone, Origin: flow.OriginDirect,
		AWS:      &flow.AWS{Service: service, Operation: op},
		Request:  flow.Request{Method: "POST", URL: "https://" + host + "/"},
		Response: &flow.Response{Status: 200},
		Times:    flow.Times{Start: t0, Done: t0.Add(90 * time.Millisecond)},
		Conn: &flow.Conn{Authority: host + ":443", Resolution: &flow.Resolution{
			Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: netip.MustParseAddrPort("10.0.0.2:53"),
		}},
	}
	if host == consoleHost {
		f.Origin, f.AWS.Service = flow.OriginConsole, "ec2"
	}
	for _, ip := range ips {
		a := netip.MustParseAddr(ip)
		f.Conn.Resolution.Addrs = append(f.Conn.Resolution.Addrs, a)
		f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{
			Addr: netip.AddrPortFrom(a, 443), Outcome: flow.DialConnected, Took: 10 * time.Millisecond, Interface: "wlan0", Kind: flow.KindWiFi,
		})
	}
	return f
}

// with changes a flow.
func with(f *flow.Flow, changes ...func(f *flow.Flow)) *flow.Flow {
	for _, c := range changes {
		c(f)
	}
	return f
}

func timedOut(f *flow.Flow) {
	f.Response, f.Failure = nil, &flow.Failure{Stage: flow.StageDial}
	for i := range f.Conn.Attempts {
		f.Conn.Attempts[i].Outcome = flow.DialTimeout
	}
}

func status(code int, aws string) func(f *flow.Flow) {
	return func(f *flow.Flow) {
		f.Response = &flow.Response{Status: code}
		if aws != "" {
			f.AWS.Error = &flow.AWSError{Code: aws}
		}
	}
}

func fails(stage flow.Stage) func(f *flow.Flow) {
	return func(f *flow.Flow) { f.Response, f.Failure = nil, &flow.Failure{Stage: stage} }
}

func took(d time.Duration) func(f *flow.Flow) {
	return func(f *flow.Flow) { f.Times.Done = t0.Add(d) }
}

func published(ranges ...string) func(f *flow.Flow) {
	return func(f *flow.Flow) { f.Conn.Resolution.Ranges = ranges }
}

func unresolved(f *flow.Flow) {
	f.Response, f.Failure = nil, &flow.Failure{Stage: flow.StageDNS}
	f.Conn.Attempts, f.Conn.Resolution.Addrs, f.Conn.Resolution.Outcome = nil, nil, flow.DNSNXDomain
}

func by(nameserver, nic string) func(f *flow.Flow) {
	return func(f *flow.Flow) {
		f.Conn.Resolution.Nameserver = netip.MustParseAddrPort(nameserver)
		for i := range f.Conn.Attempts {
			f.Conn.Attempts[i].Interface, f.Conn.Attempts[i].Kind = nic, ""
		}
	}
}

func origin(o flow.Origin) func(f *flow.Flow) {
	return func(f *flow.Flow) { f.Origin, f.AWS = o, nil }
}

func capture(flows ...*flow.Flow) *flow.Capture {
	for i, f := range flows {
		f.ID = flow.ID(i + 1) //nolint:gosec // small
	}
	return &flow.Capture{Flows: flows}
}

func repeat(n int, f func() *flow.Flow) (out []*flow.Flow) {
	for range n {
		out = append(out, f())
	}
	return out
}

func TestCaptures_tellsWhatDiffersAndNoMore(t *testing.T) {
	ok := func() *flow.Flow { return call(metricsHost, "GetMetricData", "203.0.113.20") }
	for name, tc := range map[string]struct {
		a, b  []*flow.Flow
		want  []string // lines of the text, in any order; none for no difference
		worse bool
	}{
		"nothing": {a: []*flow.Flow{ok()}, b: []*flow.Flow{ok()}},
		"AWS's public addresses rotate": {
			a: []*flow.Flow{ok()},
			b: []*flow.Flow{call(metricsHost, "GetMetricData", "203.0.113.99", "203.0.113.98")},
		},
		"the same ranges, and one more": {
			a: []*flow.Flow{with(ok(), published("EC2 ap-northeast-1"))},
			b: []*flow.Flow{with(call(metricsHost, "GetMetricData", "203.0.113.99", "203.0.113.98"),
				published("EC2 ap-northeast-1", "AMAZON ap-northeast-1"))},
		},
		"another Region's range": {
			a:    []*flow.Flow{with(ok(), published("EC2 ap-northeast-1"))},
			b:    []*flow.Flow{with(ok(), published("EC2 us-east-1"))},
			want: []string{"published as: EC2 ap-northeast-1 → EC2 us-east-1"},
		},
		"none of AWS's": {
			a:    []*flow.Flow{with(ok(), published("EC2 ap-northeast-1"))},
			b:    []*flow.Flow{with(ok(), published(""))},
			want: []string{"published as: EC2 ap-northeast-1 → none"},
		},
		"private addresses that don't answer": {
			a: []*flow.Flow{ok()}, b: []*flow.Flow{with(call(metricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23"), timedOut)},
			want: []string{
				"worse", "addresses: public → private 10.0.1.23, 10.0.2.23",
				"monitoring:GetMetricData: 200 (1×) → tcp timeout (1×)",
			},
			worse: true,
		},
		"and the other way round": {
			a: []*flow.Flow{with(call(metricsHost, "GetMetricData", "10.0.1.23"), timedOut)}, b: []*flow.Flow{ok()},
			want: []string{"better", "addresses: private 10.0.1.23 → public", "monitoring:GetMetricData: " +
				"tcp timeout (1×) → 200 (1×)", "1 host got better, none got worse; 0 calls unchanged"},
		},
		"another private address": {
			a: []*flow.Flow{call(metricsHost, "GetMetricData", "10.0.1.23")}, b: []*flow.Flow{call(metricsHost, "GetMetricData", "10.0.9.23")},
			want: []string{"changed", "addresses: private 10.0.1.23 → private 10.0.9.23"},
		},
		"private addresses in another order": {
			a: []*flow.Flow{call(metricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23")},
			b: []*flow.Flow{call(metricsHost, "GetMetricData", "10.0.2.23", "10.0.1.23")},
		},
		"a name that doesn't resolve any more": {
			a: []*flow.Flow{ok()}, b: []*flow.Flow{with(ok(), unresolved)},
			want: []string{"resolution: ok → nxdomain", "monitoring:GetMetricData: 200 (1×) → dns nxdomain (1×)"}, worse: true,
		},
		"denied": {
			a: []*flow.Flow{ok()}, b: []*flow.Flow{with(ok(), status(403, "AccessDenied"))},
			want: []string{"monitoring:GetMetricData: 200 (1×) → 403 AccessDenied (1×)"}, worse: true,
		},
		"not denied": {a: []*flow.Flow{with(ok(), status(403, "AccessDenied"))}, b: []*flow.Flow{ok()}, want: []string{"better"}},
		"denied in other words": {
			a: []*flow.Flow{with(ok(), status(403, "AccessDenied"))}, b: []*flow.Flow{with(ok(), status(403, "ExpiredToken"))},
			want: []string{"changed", "monitoring:GetMetricData: 403 AccessDenied (1×) → 403 ExpiredToken (1×)"},
		},
		"silence where there was a word is worse than the word": {
			a: []*flow.Flow{with(ok(), status(403, "AccessDenied"))}, b: []*flow.Flow{with(ok(), fails(flow.StageWait))}, want: []string{"worse"},
			worse: true,
		},
		"one of many fails": {
			a: repeat(9, ok), b: append(repeat(8, ok), with(ok(), status(503, ""))),
			want: []string{"monitoring:GetMetricData: 200 (9×) → 200, at worst 503 (9×)"}, worse: true,
		},
		"it is in the cache":           {a: []*flow.Flow{ok()}, b: []*flow.Flow{with(ok(), status(304, ""))}},
		"the person closed the tab":    {a: []*flow.Flow{ok()}, b: []*flow.Flow{with(ok(), fails(flow.StageClient))}},
		"more of the same":             {a: repeat(2, ok), b: repeat(9, ok)},
		"three times as long, in vain": {a: []*flow.Flow{ok()}, b: []*flow.Flow{with(ok(), took(270*time.Millisecond))}},
		"600 ms longer, but not double": {
			a: []*flow.Flow{with(ok(), took(2*time.Second))},
			b: []*flow.Flow{with(ok(), took(2600*time.Millisecond))},
		},
		"slow": {
			a: []*flow.Flow{ok()}, b: []*flow.Flow{with(ok(), took(2*time.Second))},
			want: []string{"worse", "monitoring:GetMetricData: 200 (1×) → 200 (1×), median 90 ms → 2.0 s"}, worse: true,
		},
		"one slow one isn't the median": {a: repeat(3, ok), b: append(repeat(2, ok), with(ok(), took(time.Minute)))},
		"a new call that works": {
			a: []*flow.Flow{ok()}, b: []*flow.Flow{ok(), call(metricsHost, "ListMetrics", "203.0.113.20")},
			want: []string{"changed", "monitoring:ListMetrics: + 200 (1×)"},
		},
		"a new call that doesn't": {
			a: []*flow.Flow{ok()}, b: []*flow.Flow{ok(), with(call(ec2Host, "DescribeRegions", "203.0.113.22"), timedOut)},
			want: []string{"worse", "ec2:DescribeRegions: + tcp timeout (1×)"}, worse: true,
		},
		"a call that wasn't made again": {
			a: []*flow.Flow{ok(), call(ec2Host, "DescribeRegions", "203.0.113.22")}, b: []*flow.Flow{ok()},
			want: []string{"only in A", "ec2:DescribeRegions: − 200 (1×)"},
		},
		"what isn't AWS's comes and goes": {
			a:    []*flow.Flow{ok(), with(call("cdn.example", ""), origin(flow.OriginOther))},
			b:    []*flow.Flow{ok(), with(call("update.example", ""), origin(flow.OriginOther))},
			want: []string{"nothing got better or worse; 1 call unchanged; 2 hosts outside AWS in one capture only"},
		},
		"a static file that doesn't load": {
			a:    []*flow.Flow{with(call("a.b.cdn.console.awsstatic.com", "", "203.0.113.30"), origin(flow.OriginStatic))},
			b:    []*flow.Flow{with(call("a.b.cdn.console.awsstatic.com", "", "203.0.113.30"), origin(flow.OriginStatic), timedOut)},
			want: []string{"worse", "requests: 200 (1×) → tcp timeout (1×)"}, worse: true,
		},
		"another nameserver and interface are the machine's": {
			a:    []*flow.Flow{with(ok(), by("10.0.0.2:53", "eth0"))},
			b:    []*flow.Flow{with(ok(), by("192.168.1.1:53", "wlan0"))},
			want: []string{"machine", "nameservers that responded: 10.0.0.2:53 → 192.168.1.1:53", "interfaces used: eth0 → wlan0"},
		},
		"a host that goes by another of several": {
			a: []*flow.Flow{
				with(ok(), by("10.0.0.2:53", "tun0")),
				with(call(ec2Host, "DescribeRegions", "203.0.113.22"), by("192.168.1.1:53", "wlan0")),
			},
			b: []*flow.Flow{
				with(ok(), by("192.168.1.1:53", "wlan0")),
				with(call(ec2Host, "DescribeRegions", "203.0.113.22"), by("192.168.1.1:53", "wlan0")),
			},
			want: []string{"nameserver: 10.0.0.2:53 → 192.168.1.1:53", "interface: tun0 → wlan0", "2 calls unchanged", metricsHost},
		},
		"nothing at all": {},
	} {
		d := Captures(capture(tc.a...), capture(tc.b...))
		var b bytes.Buffer
		if err := Text(&b, d, 0); err != nil {
			t.Fatal(err)
		}
		if d.Worse() != tc.worse {
			t.Errorf("%s: worse is %v", name, d.Worse())
		}
		if tc.want == nil && !d.Empty() {
			t.Errorf("%s: it is a difference:\n%s", name, b.String())
		}
		for _, want := range tc.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: %q isn't in\n%s", name, want, b.String())
			}
		}
	}
}

func TestCaptures_findingsThatComeAndGo(t *testing.T) {
	finding := func(code string, l flow.Level, resolved bool) flow.Finding {
		return flow.Finding{Code: code, Level: l, Resolved: resolved}
	}
	a, b := capture(), capture()
	a.Findings = []flow.Finding{finding("dns-failed", flow.LevelProblem, false), finding("tls-intercepted", flow.LevelNotice, false)}
	b.Findings = []flow.Finding{
		finding("private-endpoint-unreachable", flow.LevelProblem, false), finding("tls-intercepted", flow.LevelNotice, false),
		finding("connect-timeout", flow.LevelNotice, true),
	}
	d := Captures(a, b)
	want := []Change{{What: "dns-failed", A: "problem", Trend: Better}, {What: "private-endpoint-unreachable", B: "problem", Trend: Worse}}
	if !slices.Equal(d.Findings, want) || !d.Worse() {
		t.Errorf("%+v", d.Findings)
	}
}

// vpn is the case to try: the same page with the VPN off, and on.
func vpn() (off, on *flow.Capture) {
	env := func(e flow.Environment) *flow.Environment {
		e.Detour, e.OS, e.Arch, e.Kernel = "1.0", "linux", "amd64", "6.1.0"
		e.Interfaces = append([]flow.Interface{
			{Name: "lo", Kind: flow.KindLoopback, Addresses: []string{"127.0.0.1/8"}},
			{Name: "wlan0", Kind: flow.KindWiFi, Addresses: []string{"192.168.1.7/24", "fe80::1/64"}, MTU: 1500},
		}, e.Interfaces...)
		return &e
	}
	off = capture(
		with(call(consoleHost, "DescribeInstances", "203.0.113.10"), by("192.168.1.1:53", "wlan0")),
		with(call(metricsHost, "GetMetricData", "203.0.113.20"), by("192.168.1.1:53", "wlan0")),
		with(call(metricsHost, "DescribeAlarms", "203.0.113.20"), by("192.168.1.1:53", "wlan0")),
		with(call(ec2Host, "DescribeRegions", "203.0.113.22"), by("192.168.1.1:53", "wlan0"), status(403, "AccessDenied")),
	)
	on = capture(
		with(call(consoleHost, "DescribeInstances", "203.0.113.11"), by("10.0.0.2:53", "wlan0")),
		with(call(metricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23"), by("10.0.0.2:53", "tun0"), timedOut),
		with(call(metricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23"), by("10.0.0.2:53", "tun0"), timedOut),
		with(call(metricsHost, "DescribeAlarms", "10.0.1.23", "10.0.2.23"), by("10.0.0.2:53", "tun0"), timedOut),
		with(call(ec2Host, "DescribeRegions", "203.0.113.22"), by("10.0.0.2:53", "wlan0")),
		with(call("logs.ap-northeast-1.amazonaws.com", "DescribeLogGroups", "203.0.113.40"), by("10.0.0.2:53", "wlan0")),
	)
	off.File, on.File = "off.detour", "on.detour"
	off.Environment = env(flow.Environment{Nameservers: []string{"192.168.1.1:53"}, Routes: []string{"default via 192.168.1.1 dev wlan0 "}})
	on.Environment = env(flow.Environment{
		Nameservers: []string{"10.0.0.2:53"}, Search: []string{"corp.example"},
		Routes:     []string{"default via 192.168.1.1 dev wlan0", "10.0.0.0/16 dev tun0"},
		Interfaces: []flow.Interface{{Name: "tun0", Kind: flow.KindTunnel, Addresses: []string{"172.16.8.5/24"}, MTU: 1400}},
		Proxies:    map[string]string{"NO_PROXY": "localhost"},
	})
	on.Findings = []flow.Finding{{Code: "private-endpoint-unreachable", Level: flow.LevelProblem}}
	return off, on
}

func TestDifference_golden(t *testing.T) {
	d := Captures(vpn())
	for name, write := range map[string]func(io.Writer) error{
		"vpn.txt":  func(w io.Writer) error { return Text(w, d, 80) },
		"vpn.md":   func(w io.Writer) error { return Markdown(w, d) },
		"vpn.json": func(w io.Writer) error { e := json.NewEncoder(w); e.SetIndent("", " "); return e.Encode(d) },
	} {
		var got bytes.Buffer
		if err := write(&got); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s (%v) differs:\n%s", path, err, got.Bytes())
		}
	}
	if !d.Worse() {
		t.Error("it isn't worse")
	}
}

func TestText_fitsAndNothingMovesTheCursor(t *testing.T) {
	evil := "\x1b[2J\u202e|<script>\n" + strings.Repeat("長い ", 500)
	a, b := capture(), capture()
	for i := range 500 {
		f := call(fmt.Sprintf("h%d%s", i, evil), evil, "10.0.1.23")
		f.AWS.Error = &flow.AWSError{Code: evil}
		b.Flows = append(b.Flows, f)
	}
	b.File, b.Creator = evil, evil
	b.Findings = []flow.Finding{{Code: evil, Level: flow.Level(evil)}}
	d := Captures(a, b)
	for _, width := range []int{0, 1, 40, 80} {
		var text, md bytes.Buffer
		if err := Text(&text, d, width); err != nil {
			t.Fatal(err)
		}
		if err := Markdown(&md, d); err != nil {
			t.Fatal(err)
		}
		for _, r := range text.String() + md.String() {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%U is in it", r)
			}
		}
		if strings.Contains(md.String(), "<script") {
			t.Error("there is markup in it")
		}
		if text.Len()+md.Len() > 4<<20 {
			t.Errorf("%d bytes", text.Len()+md.Len())
		}
		for l := range strings.Lines(text.String()) {
			if n := len([]rune(strings.TrimSuffix(l, "\n"))); width >= 40 && n > width {
				t.Errorf("%d columns in %d: %q", n, width, l)
			}
		}
	}
}

// A capture with very many requests is read in part: that none of these differ says nothing of the rest.
func TestCaptures_saysWhatIsNotCompared(t *testing.T) {
	a, b := capture(), capture()
	b.Selected = len(b.Flows) + 7
	d := Captures(a, b)
	if want := "7 of B's 7 requests aren't compared: failed, marked and then the newest ones come first"; !slices.Contains(d.Notes, want) {
		t.Errorf("the notes are %q, want %q", d.Notes, want)
	}
	var text, markdown strings.Builder
	if err := errors.Join(Text(&text, d, 100), Markdown(&markdown, d)); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{text.String(), markdown.String()} {
		if !strings.Contains(out, "no difference in what is compared") || !strings.Contains(out, "7 of B's 7 requests") {
			t.Errorf("%s", out)
		}
	}
}

// TestCaptures_standInsThatDifferSayNothing: two strict captures have others for the same address.
func TestCaptures_standInsThatDifferSayNothing(t *testing.T) {
	for want, of := range map[string][2]bool{
		"":                       {false, false},
		"A has stand-ins":        {true, false},
		"B has stand-ins":        {false, true},
		"A and B have stand-ins": {true, true},
	} {
		a, b := capture(), capture()
		a.Strict, b.Strict = of[0], of[1]
		got := strings.Join(Captures(a, b).Notes, "\n")
		if strings.Contains(got, "stand-ins") != (want != "") || !strings.Contains(got, want) {
			t.Errorf("strict %v: the notes are %q, want %q", of, got, want)
		}
	}
}

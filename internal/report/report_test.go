package report

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/diagnose"
	"detour/internal/flow"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var t0 = time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)

func at(ms int) time.Time { return t0.Add(time.Duration(ms) * time.Millisecond) }

const (
	consoleHost = "ap-northeast-1.console.aws.amazon.com"
	metricsHost = "monitoring.ap-northeast-1.amazonaws.com"
	logsHost    = "logs.ap-northeast-1.amazonaws.com"
)

// call is a call that began at ms and got an answer of an address.
func call(id flow.ID, ms int, origin flow.Origin, host, op string, ips ...string) *flow.Flow {
	service, _, _ := strings.Cut(host, ".")
	if origin == flow.OriginConsole {
		service = "ec2"
	}
	f := &flow.Flow{
		ID: id, Rev: 3, Source: flow.SourceProxy, State: flow.StateDone, Origin: origin,
		AWS: &flow.AWS{
			Partition: "aws", Region: "ap-northeast-1", Service: service, Operation: op, DecodedBy: "x-amz-target",
			EndpointService: "com.amazonaws.ap-northeast-1." + service, RequestID: fmt.Sprintf("request-%d", id),
		},
		Page:     "https://" + consoleHost + "/cloudwatch/home",
		Request:  flow.Request{Method: "POST", URL: "https://" + host + "/"},
		Response: &flow.Response{Status: 200},
		Times:    flow.Times{Start: at(ms), GotConn: at(ms + 30), WroteRequest: at(ms + 31), FirstByte: at(ms + 90), Done: at(ms + 95)},
		Conn: &flow.Conn{
			ID: id, Authority: host + ":443", Start: at(ms),
			Resolution: &flow.Resolution{
				Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: netip.MustParseAddrPort("10.0.0.2:53"),
				TTL: time.Minute, Start: at(ms), Took: 1800 * time.Microsecond,
			},
			TLS: &flow.TLSInfo{
				Outcome: flow.TLSOK, ServerName: host, Version: "TLS 1.3", ALPN: "h2", Start: at(ms + 12), Took: 14 * time.Millisecond,
				Chain: []flow.Cert{{Subject: "CN=" + host, Issuer: "CN=Amazon RSA 2048 M01", Names: []string{host}}}, Issued: flow.IssuerAWS,
			},
		},
	}
	for _, ip := range ips {
		a := netip.MustParseAddr(ip)
		f.Conn.Resolution.Addrs = append(f.Conn.Resolution.Addrs, a)
		f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{
			Addr: netip.AddrPortFrom(a, 443), Outcome: flow.DialConnected, Start: at(ms + 2), Took: 10 * time.Millisecond,
			Local: netip.MustParseAddrPort("172.16.8.5:50312"), Interface: "tun0", Kind: flow.KindTunnel,
		})
	}
	return f
}

// stuck is a call of which no connect was answered.
func stuck(id flow.ID, ms int, host, op string, ips ...string) *flow.Flow {
	f := call(id, ms, flow.OriginDirect, host, op, ips...)
	f.Response, f.AWS.RequestID, f.Conn.TLS = nil, "", nil
	f.Failure = &flow.Failure{Stage: flow.StageDial, Message: "no response from any address"}
	f.Times = flow.Times{Start: at(ms), Done: at(ms + 21004)}
	for i := range f.Conn.Attempts {
		a := &f.Conn.Attempts[i]
		a.Outcome, a.Start, a.Took, a.Kernel = flow.DialTimeout, at(ms+2+250*i), 21*time.Second-time.Duration(250*i)*time.Millisecond,
			&flow.KernelTCP{SYNRetransmits: 4}
	}
	return f
}

func environment() *flow.Environment {
	return &flow.Environment{
		Detour: "1.0", OS: "linux", Arch: "amd64", System: "Debian GNU/Linux 12 (bookworm)", Kernel: "6.1.0-18-amd64", Began: t0,
		Interfaces: []flow.Interface{
			{Name: "wlan0", Kind: flow.KindWiFi, Addresses: []string{"192.168.1.7/24"}, MTU: 1500},
			{Name: "tun0", Kind: flow.KindTunnel, Addresses: []string{"172.16.8.5/24"}, MTU: 1400},
		},
		Routes:      []string{"default via 192.168.1.1 dev wlan0", "10.0.0.0/16 dev tun0"},
		Nameservers: []string{"10.0.0.2:53"}, Search: []string{"corp.example"}, Browser: "Chromium 156",
		Flags:   []string{"--connect-timeout=21s"},
		Proxies: map[string]string{"NO_PROXY": "localhost"},
	}
}

// judged puts the flows into a capture.
func judged(file string, flows ...*flow.Flow) *flow.Capture {
	for _, f := range flows {
		f.Findings = diagnose.Codes(f)
	}
	return &flow.Capture{File: file, Creator: "detour 1.0", Flows: flows, Findings: diagnose.Run(flows, at(120_000))}
}

// story is the seed's: what the console relays works, what the page asks itself
// goes to private addresses that don't answer.
func story() *flow.Capture {
	noted := call(8, 29000, flow.OriginDirect, "ec2.ap-northeast-1.amazonaws.com", "DescribeRegions", "203.0.113.22")
	noted.Marked, noted.Note = true, "this one works"
	c := judged("/home/somebody/story.detour",
		call(1, 0, flow.OriginConsole, consoleHost, "DescribeInstances", "203.0.113.10"),
		call(2, 100, flow.OriginConsole, consoleHost, "DescribeNetworkInterfaces", "203.0.113.10"),
		call(3, 200, flow.OriginConsole, consoleHost, "DescribeVolumes", "203.0.113.10"),
		stuck(4, 2000, metricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23"),
		stuck(5, 2100, metricsHost, "DescribeAlarms", "10.0.1.23", "10.0.2.23"),
		call(6, 2300, flow.OriginConsole, consoleHost, "DescribeTags", "203.0.113.10"),
		stuck(7, 28000, logsHost, "DescribeLogGroups", "10.0.1.24"),
		noted,
	)
	c.Environment = environment()
	c.Steps = []flow.Step{{At: at(-500), Text: "open the instance's Monitoring tab"}, {At: at(27500), Text: "open the log groups"}}
	c.Redacted = map[string]int{"cookie": 212, "signature": 4, "token": 4}
	c.Omitted = flow.Omitted{Bodies: 2}
	return c
}

func healthy() *flow.Capture {
	c := judged("healthy.har",
		call(1, 0, flow.OriginConsole, consoleHost, "DescribeInstances", "203.0.113.10"),
		call(2, 100, flow.OriginDirect, metricsHost, "GetMetricData", "203.0.113.20"),
	)
	c.Creator = "WebInspector 537.36"
	return c
}

// formats are the forms of a report for people.
func formats() map[string]func(io.Writer, *flow.Capture) error {
	return map[string]func(io.Writer, *flow.Capture) error{"md": Markdown, "txt": Text, "slack": Slack, "jira": Jira, "html": HTML}
}

func written(t *testing.T, ext string, c *flow.Capture) string {
	t.Helper()
	var b bytes.Buffer
	if err := formats()[ext](&b, c); err != nil {
		t.Fatal(err)
	}
	if c.Names != nil {
		return c.Names.Text(b.String())
	}
	return b.String()
}

// fixed is the story, and how it ended: the hosts were watched until they answered.
func fixed() *flow.Capture {
	c := story()
	after := []*flow.Flow{
		call(9, 61000, flow.OriginDirect, metricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23"),
		call(10, 61500, flow.OriginDirect, logsHost, "DescribeLogGroups", "10.0.1.24"),
	}
	c.Flows = append(c.Flows, after...)
	c.Findings = diagnose.Run(c.Flows, at(120_000))
	answered := flow.AddressCheck{Tries: 6, Answered: 3, InRow: 3, Since: at(58_000)}
	c.Checks = []*flow.Check{
		{
			ID: 1, Kind: flow.CheckOnce, Codes: []string{"private-endpoint-unreachable"}, Began: at(50_000), Ended: at(53_000), Outcome: flow.CheckFails,
			Hosts: []flow.HostCheck{
				{Authority: metricsHost + ":443", Addresses: []flow.AddressCheck{{Tries: 1}, {Tries: 1}}},
				{Authority: logsHost + ":443", Addresses: []flow.AddressCheck{{Tries: 1}}},
			},
		},
		{
			ID: 2, Kind: flow.CheckWatch, Codes: []string{"private-endpoint-unreachable"}, Began: at(54_000), Ended: at(64_000), Outcome: flow.CheckWorks,
			Hosts: []flow.HostCheck{
				{Authority: metricsHost + ":443", Addresses: []flow.AddressCheck{answered, answered}, Works: true, Since: at(58_000)},
				{Authority: logsHost + ":443", Addresses: []flow.AddressCheck{answered}, Works: true, Since: at(58_000)},
			},
		},
	}
	return c
}

// recorded is the story as a browser's HAR has it.
func recorded() *flow.Capture {
	c := story()
	for _, f := range c.Flows {
		f.Source, f.Exporter = flow.SourceHAR, flow.ExporterChromium
		if f.Failure != nil {
			f.Conn.Resolution, f.Conn.Attempts, f.Failure.Kind = nil, nil, flow.KindTimeout
			f.Failure.Message = "net::ERR_CONNECTION_TIMED_OUT"
		}
	}
	out := judged("console.har", c.Flows...)
	out.Creator = "WebInspector 537.36"
	return out
}

// many has more findings than anybody reads.
func many() *flow.Capture {
	c := story()
	for i := range 25 {
		f := c.Findings[0]
		f.Code, f.Title = fmt.Sprintf("problem-%c", 'a'+i), fmt.Sprintf("problem %d of many: %s", i, strings.Repeat("words ", 30))
		c.Findings = append(c.Findings, f)
	}
	return c
}

// strictly is the story as strict records have it, with stand-ins.
func strictly() *flow.Capture {
	c := story()
	c.Strict, c.Environment, c.File = true, nil, ""
	for _, f := range c.Flows {
		f.Strict = true
	}
	var names alias.Table
	texts := names.Texts(nil)
	for _, f := range c.Flows {
		texts.Learn(f)
	}
	for i := range c.Findings {
		c.Findings[i] = texts.Finding(c.Findings[i])
	}
	c.Names = texts
	return c
}

func TestReport_golden(t *testing.T) {
	for name, c := range map[string]*flow.Capture{
		"story": story(), "healthy": healthy(), "empty": {}, "fixed": fixed(), "har": recorded(), "many": many(), "hostile": hostile()[1],
		"strict": strictly(),
	} {
		for ext := range formats() {
			got := written(t, ext, c)
			path := filepath.Join("testdata", name+"."+ext)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil || got != string(want) {
				t.Errorf("%s (%v) differs:\n%s", path, err, firstDifference(got, string(want)))
			}
		}
	}
}

// firstDifference are the lines from which on two texts differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d is  %s\nand was  %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, and were %d", len(g), len(w))
}

func TestReport_ofAHARSaysWhatIsNotKnown(t *testing.T) {
	f := stuck(1, 0, logsHost, "DescribeLogGroups", "10.0.1.24")
	f.Source, f.Conn.Resolution = flow.SourceHAR, nil
	f.Conn.Attempts = []flow.DialAttempt{{Outcome: flow.DialTimeout, Start: t0, Took: 21 * time.Second, Err: "net::ERR_CONNECTION_TIMED_OUT"}}
	var b bytes.Buffer
	if err := Markdown(&b, judged("console.har", f)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| 21.0 s | TIMEOUT 21.0 s |", "- DNS answer unknown", "| — | — | timeout | 1 | 21.0 s | — | — |", "- net::ERR\\_CONNECTION\\_TIMED\\_OUT\n",
		"Unknown: it wasn't recorded.", "endpoint user: Run detour on that machine", "AWS account owner: If they go to private",
		"**For whom:** the machine that the HAR was saved on: 1 request to logs",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q isn't in\n%s", want, b.String())
		}
	}
}

func TestMarkdown_aDemoSaysSo(t *testing.T) {
	c := healthy()
	c.Environment = &flow.Environment{Detour: "1.0", Simulated: true}
	var b strings.Builder
	if err := Markdown(&b, c); err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(b.String(), "## Environment")
	if !strings.Contains(head, "This is a demo") || !strings.Contains(rest, "This is a demo") {
		t.Errorf("it doesn't say so at its head and of the environment:\n%s", b.String())
	}
}

func TestReport_ofADamagedFileDoesNotSayThatNoRequestMatches(t *testing.T) {
	c := healthy()
	c.Omitted.Unread = 2
	for ext, write := range map[string]func(io.Writer, *flow.Capture) error{"md": Markdown, "html": HTML} {
		var got bytes.Buffer
		if err := write(&got, c); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.ToLower(got.String()), "no findings in the part that could be read: ") ||
			!strings.Contains(got.String(), "None in the part that could be read: ") {
			t.Errorf("%s: %s", ext, got.String())
		}
	}
}

// TestReport_ofAStrictCaptureSaysWhatWasLeftOut: it was recorded, and isn't shown.
func TestReport_ofAStrictCaptureSaysWhatWasLeftOut(t *testing.T) {
	var b strings.Builder
	if err := Markdown(&b, &flow.Capture{Strict: true}); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "wasn't recorded") || !strings.Contains(s, "Left out: under strict privacy") {
		t.Errorf("of the environment it says\n%s", s)
	}
}

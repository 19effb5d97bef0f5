package reporttest

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"detour/internal/alias"
	"detour/internal/diagnose"
	"detour/internal/flow"
)

// At is an instant of the captures, in milliseconds since they began.
func At(ms int) time.Time {
	return time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond)
}

// The hosts of the story.
const (
	ConsoleHost = "ap-northeast-1.console.aws.amazon.com"
	MetricsHost = "monitoring.ap-northeast-1.amazonaws.com"
	LogsHost    = "logs.ap-northeast-1.amazonaws.com"
)

// Call is a call that began at ms and got an answer of an address.
func Call(id flow.ID, ms int, origin flow.Origin, host, op string, ips ...string) *flow.Flow {
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
		Page:     "https://" + ConsoleHost + "/cloudwatch/home",
		Request:  flow.Request{Method: "POST", URL: "https://" + host + "/"},
		Response: &flow.Response{Status: 200},
		Times:    flow.Times{Start: At(ms), GotConn: At(ms + 30), WroteRequest: At(ms + 31), FirstByte: At(ms + 90), Done: At(ms + 95)},
		Conn: &flow.Conn{
			ID: id, Authority: host + ":443", Start: At(ms),
			Resolution: &flow.Resolution{
				Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: netip.MustParseAddrPort("10.0.0.2:53"),
				TTL: time.Minute, Start: At(ms), Took: 1800 * time.Microsecond,
			},
			TLS: &flow.TLSInfo{
				Outcome: flow.TLSOK, ServerName: host, Version: "TLS 1.3", ALPN: "h2", Start: At(ms + 12), Took: 14 * time.Millisecond,
				Chain: []flow.Cert{{Subject: "CN=" + host, Issuer: "CN=Amazon RSA 2048 M01", Names: []string{host}}}, Issued: flow.IssuerAWS,
			},
		},
	}
	for _, ip := range ips {
		a := netip.MustParseAddr(ip)
		f.Conn.Resolution.Addrs = append(f.Conn.Resolution.Addrs, a)
		f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{
			Addr: netip.AddrPortFrom(a, 443), Outcome: flow.DialConnected, Start: At(ms + 2), Took: 10 * time.Millisecond,
			Local: netip.MustParseAddrPort("172.16.8.5:50312"), Interface: "tun0", Kind: flow.KindTunnel,
		})
	}
	return f
}

// Stuck is a call of which no connect was answered.
func Stuck(id flow.ID, ms int, host, op string, ips ...string) *flow.Flow {
	f := Call(id, ms, flow.OriginDirect, host, op, ips...)
	f.Response, f.AWS.RequestID, f.Conn.TLS = nil, "", nil
	f.Failure = &flow.Failure{Stage: flow.StageDial, Message: "no response from any address"}
	f.Times = flow.Times{Start: At(ms), Done: At(ms + 21004)}
	for i := range f.Conn.Attempts {
		a := &f.Conn.Attempts[i]
		a.Outcome, a.Start, a.Took, a.Kernel = flow.DialTimeout, At(ms+2+250*i), 21*time.Second-time.Duration(250*i)*time.Millisecond,
			&flow.KernelTCP{SYNRetransmits: 4}
	}
	return f
}

func Environment() *flow.Environment {
	return &flow.Environment{
		Detour: "1.0", OS: "linux", Arch: "amd64", System: "Debian GNU/Linux 12 (bookworm)", Kernel: "6.1.0-18-amd64", Began: At(0),
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

// Judged puts the flows into a capture.
func Judged(file string, flows ...*flow.Flow) *flow.Capture {
	for _, f := range flows {
		f.Findings = diagnose.Codes(f)
	}
	return &flow.Capture{File: file, Creator: "detour 1.0", Flows: flows, Findings: diagnose.Run(flows, At(120_000))}
}

// Story is the seed's: what the console relays works, what the page asks itself
// goes to private addresses that don't answer.
func Story() *flow.Capture {
	noted := Call(8, 29000, flow.OriginDirect, "ec2.ap-northeast-1.amazonaws.com", "DescribeRegions", "203.0.113.22")
	noted.Marked, noted.Note = true, "this one works"
	c := Judged("/home/somebody/story.detour",
		Call(1, 0, flow.OriginConsole, ConsoleHost, "DescribeInstances", "203.0.113.10"),
		Call(2, 100, flow.OriginConsole, ConsoleHost, "DescribeNetworkInterfaces", "203.0.113.10"),
		Call(3, 200, flow.OriginConsole, ConsoleHost, "DescribeVolumes", "203.0.113.10"),
		Stuck(4, 2000, MetricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23"),
		Stuck(5, 2100, MetricsHost, "DescribeAlarms", "10.0.1.23", "10.0.2.23"),
		Call(6, 2300, flow.OriginConsole, ConsoleHost, "DescribeTags", "203.0.113.10"),
		Stuck(7, 28000, LogsHost, "DescribeLogGroups", "10.0.1.24"),
		noted,
	)
	c.Environment = Environment()
	c.Steps = []flow.Step{{At: At(-500), Text: "open the instance's Monitoring tab"}, {At: At(27500), Text: "open the log groups"}}
	c.Redacted = map[string]int{"cookie": 212, "signature": 4, "token": 4}
	c.Omitted = flow.Omitted{Bodies: 2}
	return c
}

func Healthy() *flow.Capture {
	c := Judged("healthy.har",
		Call(1, 0, flow.OriginConsole, ConsoleHost, "DescribeInstances", "203.0.113.10"),
		Call(2, 100, flow.OriginDirect, MetricsHost, "GetMetricData", "203.0.113.20"),
	)
	c.Creator = "WebInspector 537.36"
	return c
}

// Fixed is the story, and how it ended: the hosts were watched until they answered.
func Fixed() *flow.Capture {
	c := Story()
	after := []*flow.Flow{
		Call(9, 61000, flow.OriginDirect, MetricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23"),
		Call(10, 61500, flow.OriginDirect, LogsHost, "DescribeLogGroups", "10.0.1.24"),
	}
	c.Flows = append(c.Flows, after...)
	c.Findings = diagnose.Run(c.Flows, At(120_000))
	answered := flow.AddressCheck{Tries: 6, Answered: 3, InRow: 3, Since: At(58_000)}
	c.Checks = []*flow.Check{
		{
			ID: 1, Kind: flow.CheckOnce, Codes: []string{"private-endpoint-unreachable"},
			Began: At(50_000), Ended: At(53_000), Outcome: flow.CheckFails,
			Hosts: []flow.HostCheck{
				{Authority: MetricsHost + ":443", Addresses: []flow.AddressCheck{{Tries: 1}, {Tries: 1}}},
				{Authority: LogsHost + ":443", Addresses: []flow.AddressCheck{{Tries: 1}}},
			},
		},
		{
			ID: 2, Kind: flow.CheckWatch, Codes: []string{"private-endpoint-unreachable"},
			Began: At(54_000), Ended: At(64_000), Outcome: flow.CheckWorks,
			Hosts: []flow.HostCheck{
				{Authority: MetricsHost + ":443", Addresses: []flow.AddressCheck{answered, answered}, Works: true, Since: At(58_000)},
				{Authority: LogsHost + ":443", Addresses: []flow.AddressCheck{answered}, Works: true, Since: At(58_000)},
			},
		},
	}
	return c
}

// Recorded is the story as a browser's HAR has it.
func Recorded() *flow.Capture {
	c := Story()
	for _, f := range c.Flows {
		f.Source, f.Exporter = flow.SourceHAR, flow.ExporterChromium
		if f.Failure != nil {
			f.Conn.Resolution, f.Conn.Attempts, f.Failure.Kind = nil, nil, flow.KindTimeout
			f.Failure.Message = "net::ERR_CONNECTION_TIMED_OUT"
		}
	}
	out := Judged("console.har", c.Flows...)
	out.Creator = "WebInspector 537.36"
	return out
}

// Many has more findings than anybody reads.
func Many() *flow.Capture {
	c := Story()
	for i := range 25 {
		f := c.Findings[0]
		f.Code, f.Title = fmt.Sprintf("problem-%c", 'a'+i), fmt.Sprintf("problem %d of many: %s", i, strings.Repeat("words ", 30))
		c.Findings = append(c.Findings, f)
	}
	return c
}

// Strict is the story as strict records have it, with stand-ins.
func Strict() *flow.Capture {
	c := Story()
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

// Large has more of everything than a report shows.
func Large() *flow.Capture {
	var flows []*flow.Flow
	for i := range 3000 {
		host := fmt.Sprintf("s%d.ap-northeast-1.amazonaws.com", i%500)
		f := Stuck(flow.ID(i+1), i*50, host, fmt.Sprintf("Operation%d", i), "10.0.1.23") //nolint:gosec // small
		f.Note = strings.Repeat("x", 5000)
		flows = append(flows, f)
	}
	c := Judged("large", flows...)
	c.Environment = Environment()
	for i := range 1000 {
		c.Steps = append(c.Steps, flow.Step{At: At(i * 100), Text: strings.Repeat("y", 5000)})
		c.Environment.Routes = append(c.Environment.Routes, "route")
		c.Environment.Interfaces = append(c.Environment.Interfaces, flow.Interface{Name: "veth"})
		c.Environment.Nameservers = append(c.Environment.Nameservers, "10.0.0.2:53")
	}
	for len(c.Findings) < 1000 {
		f := c.Findings[0]
		f.Because = append(make([]string, 1000), f.Because...)
		c.Findings = append(c.Findings, f)
	}
	return c
}

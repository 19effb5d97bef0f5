package flowtest

import (
	"net/netip"
	"time"

	"detour/internal/flow"
)

// Start is when the story begins; all its instants are fixed.
var Start = time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)

// Where the story takes place.
const (
	ConsoleHost = "ap-northeast-1.console.aws.amazon.com"
	region      = "ap-northeast-1"
	ConsolePage = "https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home"
)

// At is so many milliseconds after Start.
func At(ms int) time.Time { return Start.Add(time.Duration(ms) * time.Millisecond) }

// Millis is a duration in milliseconds.
func Millis(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }

// Lookup is a name's addresses from the VPC's resolver.
func Lookup(start time.Time, name string, addrs ...string) *flow.Resolution {
	ns := netip.MustParseAddrPort("10.0.0.2:53")
	r := &flow.Resolution{
		Name: name, Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: ns,
		TTL: time.Minute, Start: start, Took: Millis(1.8),
		Queries: []flow.DNSQuery{
			{Server: ns, Proto: "udp", Name: name, Type: "A", RCode: "NOERROR", Answers: len(addrs), Took: Millis(1.7)},
			{Server: ns, Proto: "udp", Name: name, Type: "AAAA", RCode: "NOERROR", Took: Millis(1.8)},
		},
	}
	for _, a := range addrs {
		r.Addrs = append(r.Addrs, netip.MustParseAddr(a))
	}
	return r
}

// Attempt is one connect from this machine.
func Attempt(start time.Time, addr string, o flow.DialOutcome, took time.Duration) flow.DialAttempt {
	a := flow.DialAttempt{
		Addr: netip.AddrPortFrom(netip.MustParseAddr(addr), 443), Outcome: o, Start: start, Took: took,
		Local: netip.MustParseAddrPort("172.16.8.5:50312"), Interface: "tun0",
	}
	if o == flow.DialTimeout {
		a.Kernel, a.Err = &flow.KernelTCP{SYNRetransmits: 2}, "i/o timeout"
	}
	return a
}

func handshake(start time.Time, name string) *flow.TLSInfo {
	return &flow.TLSInfo{
		Outcome: flow.TLSOK, ServerName: name, Version: "TLS 1.3", ALPN: "h2", Start: start, Took: Millis(24),
		Chain: []flow.Cert{{
			Subject: "CN=" + name, Issuer: "CN=Amazon RSA 2048 M02,O=Amazon,C=US",
			NotAfter: time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC), Names: []string{name}, SHA256: "ab",
		}},
	}
}

// Healthy is a connection to a public address.
func Healthy(id flow.ID, start time.Time, host, addr string) *flow.Conn {
	return &flow.Conn{
		ID: id, Authority: host + ":443", Start: start,
		Resolution: Lookup(start, host, addr),
		Attempts:   []flow.DialAttempt{Attempt(start.Add(Millis(2)), addr, flow.DialConnected, Millis(12))},
		TLS:        handshake(start.Add(Millis(14)), host),
	}
}

// Call is an AWS API call that isn't answered yet.
func Call(id flow.ID, start time.Time, o flow.Origin, host, service, name, op string) *flow.Flow {
	f := &flow.Flow{
		ID: id, Rev: 1, Source: flow.SourceProxy, State: flow.StateBlocked, Origin: o, Page: ConsolePage,
		Why: []flow.Evidence{flow.EvidenceOrigin, flow.EvidenceHost},
		AWS: &flow.AWS{
			Partition: "aws", Region: region, Service: service, ServiceName: name, Operation: op,
			DecodedBy: "x-amz-target", EndpointService: "com.amazonaws." + region + "." + service,
		},
		Request: flow.Request{
			Method: "POST", URL: "https://" + host + "/", Proto: "HTTP/2.0", BodySize: 812,
			Headers: []flow.Header{{Name: "content-type", Value: "application/x-amz-json-1.1"}, {Name: "x-amz-target", Value: op}},
		},
		Times: flow.Times{Start: start},
	}
	if o == flow.OriginDirect {
		f.Why = append([]flow.Evidence{flow.EvidenceSigV4Header}, f.Why...)
	}
	return f
}

// Answered is a copy of f with a response after took.
func Answered(f *flow.Flow, status int, took time.Duration) *flow.Flow {
	g := *f
	g.Rev, g.State = f.Rev+1, flow.StateDone
	g.Response = &flow.Response{
		Status: status, Proto: "HTTP/2.0", BodySize: 5120, Headers: []flow.Header{{Name: "content-type", Value: "application/json"}},
	}
	got := f.Times.Start
	if g.Conn != nil && !g.Reused {
		got = got.Add(Millis(38))
	}
	g.Times.GotConn, g.Times.WroteRequest = got, got.Add(Millis(1))
	g.Times.FirstByte, g.Times.Done = f.Times.Start.Add(took-Millis(4)), f.Times.Start.Add(took)
	return &g
}

// Private is a connection to an interface endpoint: each address is tried,
// with this outcome.
func Private(id flow.ID, start time.Time, host string, o flow.DialOutcome, took time.Duration, addrs ...string) *flow.Conn {
	c := &flow.Conn{ID: id, Authority: host + ":443", Start: start, Resolution: Lookup(start, host, addrs...)}
	for i, a := range addrs {
		c.Attempts = append(c.Attempts, Attempt(start.Add(Millis(2+250*float64(i))), a, o, took))
	}
	return c
}

// TimedOut is a copy of f that ended as a dial without an answer.
func TimedOut(f *flow.Flow, took time.Duration) *flow.Flow {
	g := *f
	g.Rev, g.State = f.Rev+1, flow.StateDone
	g.Failure = &flow.Failure{Stage: flow.StageDial, Message: "dial tcp 10.0.1.23:443: i/o timeout; dial tcp 10.0.2.23:443: i/o timeout"}
	g.Times.Done = f.Times.Start.Add(took)
	g.Findings = []string{"private-endpoint-unreachable"}
	return &g
}

// Story is a console page whose relayed calls work, and whose direct calls go to private
// addresses that don't answer: they are still connecting, or have timed out.
func Story(over bool) []*flow.Flow {
	outcome, took := flow.DialPending, time.Duration(0)
	if over {
		outcome, took = flow.DialTimeout, 4*time.Second
	}
	end := func(f *flow.Flow, c *flow.Conn) *flow.Flow {
		f.Conn = c
		if over {
			return TimedOut(f, took+Millis(252))
		}
		f.State = flow.StateConnecting
		return f
	}
	const (
		monitoring = "monitoring.ap-northeast-1.amazonaws.com"
		logs       = "logs.ap-northeast-1.amazonaws.com"
		ec2        = "ec2.ap-northeast-1.amazonaws.com"
	)
	static := Call(1, At(0), flow.OriginStatic, "a.b.cdn.console.awsstatic.com", "", "", "")
	static.AWS, static.Request.Method, static.Request.URL = nil, "GET", "https://a.b.cdn.console.awsstatic.com/app.js"
	static.Why, static.Conn = []flow.Evidence{flow.EvidenceHost}, Healthy(1, At(0), "a.b.cdn.console.awsstatic.com", "203.0.113.10")

	instances := Call(2, At(120), flow.OriginConsole, ConsoleHost, "ec2", "EC2", "DescribeInstances")
	instances.Conn = Healthy(2, At(120), ConsoleHost, "203.0.113.10")
	volumes := Call(3, At(240), flow.OriginConsole, ConsoleHost, "ec2", "EC2", "DescribeVolumes")
	volumes.Conn, volumes.Reused = instances.Conn, true

	metrics := Call(4, At(1000), flow.OriginDirect, monitoring, "monitoring", "CloudWatch", "GetMetricData")
	alarms := Call(5, At(1100), flow.OriginDirect, monitoring, "monitoring", "CloudWatch", "DescribeAlarms")
	groups := Call(6, At(1200), flow.OriginDirect, logs, "logs", "CloudWatch Logs", "DescribeLogGroups")
	regions := Call(7, At(1300), flow.OriginDirect, ec2, "ec2", "EC2", "DescribeRegions")
	regions.Conn = Healthy(7, At(1300), ec2, "203.0.113.22")

	tunnel := &flow.Flow{
		ID: 8, Rev: 2, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginOther,
		Why:     []flow.Evidence{flow.EvidenceConnect},
		Request: flow.Request{Method: "CONNECT", URL: "update.googleapis.com:443"},
		Tunnel:  &flow.Tunnel{Sent: 1200, Received: 5400, ServerName: "update.googleapis.com"},
		Conn:    Healthy(8, At(1500), "update.googleapis.com", "203.0.113.30"),
		Times:   flow.Times{Start: At(1500), GotConn: At(1514), Done: At(2500)},
	}
	tunnel.Conn.TLS = nil

	beacon := Call(9, At(2000), flow.OriginTelemetry, "ap-northeast-1.telemetry.console.api.aws", "monitoring", "CloudWatch", "GetMetricData")
	beacon.AWS.Measured = 105200 * time.Millisecond
	beacon.Conn = Healthy(9, At(2000), "ap-northeast-1.telemetry.console.api.aws", "203.0.113.10")

	return []*flow.Flow{
		Answered(static, 200, Millis(61)),
		Answered(instances, 200, Millis(92)),
		Answered(volumes, 200, Millis(88)),
		end(metrics, Private(4, At(1000), monitoring, outcome, took, "10.0.1.23", "10.0.2.23")),
		end(alarms, Private(5, At(1100), monitoring, outcome, took, "10.0.1.23", "10.0.2.23")),
		end(groups, Private(6, At(1200), logs, outcome, took, "10.0.1.24", "10.0.2.24")),
		Answered(regions, 200, Millis(84)),
		tunnel,
		Answered(beacon, 204, Millis(70)),
	}
}

// Findings are what the rules report for the story; provisional ones may still change.
func Findings(provisional bool) []flow.Finding {
	return []flow.Finding{{
		Code: "private-endpoint-unreachable", Level: flow.LevelProblem,
		Title: "calls to CloudWatch and CloudWatch Logs go to private addresses that don't answer: " +
			"consistent with an interface endpoint whose security group doesn't admit this machine",
		Because: []string{
			"logs.ap-northeast-1.amazonaws.com: 1 request, no response from any of 2 addresses within 4.0 s, 3 SYNs each",
			"monitoring.ap-northeast-1.amazonaws.com: 2 requests, no response from any of 2 addresses within 4.0 s, 3 SYNs each",
			"only calls to private addresses get no response: not your permissions; " +
				"CloudTrail will show nothing, since these requests never reached AWS",
		},
		Alternatives: []string{"a network ACL of the endpoint's subnets", "no route from this network to the VPC's, or none back"},
		Try: []flow.NextStep{
			{Text: "List the interface endpoints", Command: "aws ec2 describe-vpc-endpoints --region ap-northeast-1 --filters " +
				"Name=service-name,Values=com.amazonaws.ap-northeast-1.logs,com.amazonaws.ap-northeast-1.monitoring"},
			{Text: "Repeat the DNS query", Command: "nslookup logs.ap-northeast-1.amazonaws.com 10.0.0.2"},
		},
		Hosts:      []string{"logs.ap-northeast-1.amazonaws.com", "monitoring.ap-northeast-1.amazonaws.com"},
		Flows:      []flow.ID{4, 5, 6},
		Confidence: flow.ConfidenceHigh, Provisional: provisional,
	}}
}

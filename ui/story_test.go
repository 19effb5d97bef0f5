package ui

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"detour/internal/flow"
)

// The story, with fixed instants: a console page whose relayed calls work and
// whose direct calls go to private addresses that don't answer.
var t0 = time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)

const (
	consoleHost = "ap-northeast-1.console.aws.amazon.com"
	region      = "ap-northeast-1"
	consolePage = "https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home"
)

func at(ms int) time.Time { return t0.Add(time.Duration(ms) * time.Millisecond) }

func ms(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }

// lookup is an answer of the VPC's resolver.
func lookup(start time.Time, name string, addrs ...string) *flow.Resolution {
	ns := netip.MustParseAddrPort("10.0.0.2:53")
	r := &flow.Resolution{
		Name: name, Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: ns,
		TTL: time.Minute, Start: start, Took: ms(1.8),
		Queries: []flow.DNSQuery{
			{Server: ns, Proto: "udp", Name: name, Type: "A", RCode: "NOERROR", Answers: len(addrs), Took: ms(1.7)},
			{Server: ns, Proto: "udp", Name: name, Type: "AAAA", RCode: "NOERROR", Took: ms(1.8)},
		},
	}
	for _, a := range addrs {
		r.Addrs = append(r.Addrs, netip.MustParseAddr(a))
	}
	return r
}

// attempt is one connect from the client's address.
func attempt(start time.Time, addr string, o flow.DialOutcome, took time.Duration) flow.DialAttempt {
	a := flow.DialAttempt{
		Addr: netip.MustParseAddrPort(addr + ":443"), Outcome: o, Start: start, Took: took,
		Local: netip.MustParseAddrPort("172.16.8.5:50312"), Interface: "tun0",
	}
	if o == flow.DialTimeout {
		a.Kernel, a.Err = &flow.KernelTCP{SYNRetransmits: 2}, "i/o timeout"
	}
	return a
}

func handshake(start time.Time, name string) *flow.TLSInfo {
	return &flow.TLSInfo{
		Outcome: flow.TLSOK, ServerName: name, Version: "TLS 1.3", ALPN: "h2", Start: start, Took: ms(24),
		Chain: []flow.Cert{{
			Subject: "CN=" + name, Issuer: "CN=Amazon RSA 2048 M02,O=Amazon,C=US",
			NotAfter: time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC), Names: []string{name}, SHA256: "ab",
		}},
	}
}

// healthy is a connection to a public address.
func healthy(id flow.ID, start time.Time, host, addr string) *flow.Conn {
	return &flow.Conn{
		ID: id, Authority: host + ":443", Start: start,
		Resolution: lookup(start, host, addr),
		Attempts:   []flow.DialAttempt{attempt(start.Add(ms(2)), addr, flow.DialConnected, ms(12))},
		TLS:        handshake(start.Add(ms(14)), host),
	}
}

// call is a flow of an AWS API that isn't answered yet.
func call(id flow.ID, start time.Time, o flow.Origin, host, service, name, op string) *flow.Flow {
	f := &flow.Flow{
		ID: id, Rev: 1, Source: flow.SourceProxy, State: flow.StateBlocked, Origin: o, Page: consolePage,
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

// answered is f with a response after took.
func answered(f *flow.Flow, status int, took time.Duration) *flow.Flow {
	g := *f
	g.Rev, g.State = f.Rev+1, flow.StateDone
	g.Response = &flow.Response{Status: status, Proto: "HTTP/2.0", BodySize: 5120, Headers: []flow.Header{{Name: "content-type", Value: "application/json"}}}
	got := f.Times.Start
	if g.Conn != nil && !g.Reused {
		got = got.Add(ms(38))
	}
	g.Times.GotConn, g.Times.WroteRequest = got, got.Add(ms(1))
	g.Times.FirstByte, g.Times.Done = f.Times.Start.Add(took-ms(4)), f.Times.Start.Add(took)
	return &g
}

// private is a connection to an interface endpoint: each address is tried,
// with this outcome.
func private(id flow.ID, start time.Time, host string, o flow.DialOutcome, took time.Duration, addrs ...string) *flow.Conn {
	c := &flow.Conn{ID: id, Authority: host + ":443", Start: start, Resolution: lookup(start, host, addrs...)}
	for i, a := range addrs {
		c.Attempts = append(c.Attempts, attempt(start.Add(ms(2+250*float64(i))), a, o, took))
	}
	return c
}

// timedOut ends f as a dial that nobody answered.
func timedOut(f *flow.Flow, took time.Duration) *flow.Flow {
	g := *f
	g.Rev, g.State = f.Rev+1, flow.StateDone
	g.Failure = &flow.Failure{Stage: flow.StageDial, Message: "dial tcp 10.0.1.23:443: i/o timeout; dial tcp 10.0.2.23:443: i/o timeout"}
	g.Times.Done = f.Times.Start.Add(took)
	g.Findings = []string{"private-endpoint-unreachable"}
	return &g
}

// story is the whole of it: with the private calls still connecting, or given up.
func story(over bool) []*flow.Flow {
	outcome, took := flow.DialPending, time.Duration(0)
	if over {
		outcome, took = flow.DialTimeout, 4*time.Second
	}
	end := func(f *flow.Flow, c *flow.Conn) *flow.Flow {
		f.Conn = c
		if over {
			return timedOut(f, took+ms(252))
		}
		f.State = flow.StateConnecting
		return f
	}
	const (
		monitoring = "monitoring.ap-northeast-1.amazonaws.com"
		logs       = "logs.ap-northeast-1.amazonaws.com"
		ec2        = "ec2.ap-northeast-1.amazonaws.com"
	)
	static := call(1, at(0), flow.OriginStatic, "a.b.cdn.console.awsstatic.com", "", "", "")
	static.AWS, static.Request.Method, static.Request.URL = nil, "GET", "https://a.b.cdn.console.awsstatic.com/app.js"
	static.Why, static.Conn = []flow.Evidence{flow.EvidenceHost}, healthy(1, at(0), "a.b.cdn.console.awsstatic.com", "203.0.113.10")

	instances := call(2, at(120), flow.OriginConsole, consoleHost, "ec2", "EC2", "DescribeInstances")
	instances.Conn = healthy(2, at(120), consoleHost, "203.0.113.10")
	volumes := call(3, at(240), flow.OriginConsole, consoleHost, "ec2", "EC2", "DescribeVolumes")
	volumes.Conn, volumes.Reused = instances.Conn, true

	metrics := call(4, at(1000), flow.OriginDirect, monitoring, "monitoring", "CloudWatch", "GetMetricData")
	alarms := call(5, at(1100), flow.OriginDirect, monitoring, "monitoring", "CloudWatch", "DescribeAlarms")
	groups := call(6, at(1200), flow.OriginDirect, logs, "logs", "CloudWatch Logs", "DescribeLogGroups")
	regions := call(7, at(1300), flow.OriginDirect, ec2, "ec2", "EC2", "DescribeRegions")
	regions.Conn = healthy(7, at(1300), ec2, "203.0.113.22")

	tunnel := &flow.Flow{
		ID: 8, Rev: 2, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginOther,
		Why:     []flow.Evidence{flow.EvidenceConnect},
		Request: flow.Request{Method: "CONNECT", URL: "update.googleapis.com:443"},
		Tunnel:  &flow.Tunnel{Sent: 1200, Received: 5400, ServerName: "update.googleapis.com"},
		Conn:    healthy(8, at(1500), "update.googleapis.com", "203.0.113.30"),
		Times:   flow.Times{Start: at(1500), GotConn: at(1514), Done: at(2500)},
	}
	tunnel.Conn.TLS = nil

	beacon := call(9, at(2000), flow.OriginTelemetry, "ap-northeast-1.telemetry.console.api.aws", "monitoring", "CloudWatch", "GetMetricData")
	beacon.AWS.Measured = 105200 * time.Millisecond
	beacon.Conn = healthy(9, at(2000), "ap-northeast-1.telemetry.console.api.aws", "203.0.113.10")

	return []*flow.Flow{
		answered(static, 200, ms(61)),
		answered(instances, 200, ms(92)),
		answered(volumes, 200, ms(88)),
		end(metrics, private(4, at(1000), monitoring, outcome, took, "10.0.1.23", "10.0.2.23")),
		end(alarms, private(5, at(1100), monitoring, outcome, took, "10.0.1.23", "10.0.2.23")),
		end(groups, private(6, at(1200), logs, outcome, took, "10.0.1.24", "10.0.2.24")),
		answered(regions, 200, ms(84)),
		tunnel,
		answered(beacon, 204, ms(70)),
	}
}

// judgement is what the rules say of the story.
func judgement(provisional bool) []flow.Finding {
	return []flow.Finding{{
		Code: "private-endpoint-unreachable", Level: flow.LevelProblem,
		Title: "calls to CloudWatch and CloudWatch Logs go to private addresses that don't answer: consistent with an interface endpoint whose security group doesn't admit this machine",
		Because: []string{
			"logs.ap-northeast-1.amazonaws.com: 1 request, no answer from any address within 4.0 s and 3 SYNs",
			"monitoring.ap-northeast-1.amazonaws.com: 2 requests, no answer from any address within 4.0 s and 3 SYNs",
			"only calls to private addresses get no answer: not your permissions; CloudTrail will show nothing, since these requests never reached AWS",
		},
		Alternatives: []string{"a network ACL of the endpoint's subnets", "no route from this network to the VPC's, or none back"},
		Try: []string{
			"aws ec2 describe-vpc-endpoints --region ap-northeast-1 --filters Name=service-name,Values=com.amazonaws.ap-northeast-1.logs,com.amazonaws.ap-northeast-1.monitoring",
			"dig @10.0.0.2 logs.ap-northeast-1.amazonaws.com",
		},
		Hosts:      []string{"logs.ap-northeast-1.amazonaws.com", "monitoring.ap-northeast-1.amazonaws.com"},
		Flows:      []flow.ID{4, 5, 6},
		Confidence: flow.ConfidenceHigh, Provisional: provisional,
	}}
}

// A stage is a Source that a test sets.
type stage struct {
	mu       sync.Mutex
	version  uint64
	flows    []*flow.Flow
	findings []flow.Finding
	reads    int
	light    map[*flow.Flow]*flow.Flow // without header fields
}

func (s *stage) set(flows []*flow.Flow, findings []flow.Finding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.flows, s.findings = flows, findings
}

func (s *stage) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Flows returns those that are over without their header fields, as a capture does.
func (s *stage) Flows() []*flow.Flow {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	out := slices.Clone(s.flows)
	if s.light == nil {
		s.light = map[*flow.Flow]*flow.Flow{}
	}
	for i, f := range out {
		if !f.Final() {
			continue
		}
		if s.light[f] == nil {
			bare := *f
			bare.Request.Headers = nil
			if f.Response != nil {
				r := *f.Response
				r.Headers = nil
				bare.Response = &r
			}
			s.light[f] = &bare
		}
		out[i] = s.light[f]
	}
	return out
}

func (s *stage) Get(id flow.ID) *flow.Flow {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.flows {
		if f.ID == id {
			return f
		}
	}
	return nil
}

func (s *stage) Findings() []flow.Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findings
}

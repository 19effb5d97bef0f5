package diagnose

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/finding"
	"detour/internal/flow"
)

var t0 = time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)

// answered is a call that works.
func answered(id flow.ID, origin flow.Origin, host, ip, op string) *flow.Flow {
	f := call(id, origin, host, op, ip)
	f.Conn.Attempts[0].Outcome = flow.DialConnected
	f.Response, f.Failure = &flow.Response{Status: 200}, nil
	return f
}

// call is a final flow whose connects to ips all timed out after 4 s.
func call(id flow.ID, origin flow.Origin, host, op string, ips ...string) *flow.Flow {
	service, _, _ := strings.Cut(host, ".")
	f := &flow.Flow{
		ID: id, State: flow.StateDone, Origin: origin,
		AWS: &flow.AWS{
			Region: "ap-northeast-1", Service: service, Operation: op,
			EndpointService: "com.amazonaws.ap-northeast-1." + service,
		},
		Page:    "https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home",
		Request: flow.Request{Method: "POST"},
		Failure: &flow.Failure{Stage: flow.StageDial},
		Times:   flow.Times{Start: t0, Done: t0.Add(4 * time.Second)},
		Conn: &flow.Conn{
			ID: id, Authority: host + ":443", Start: t0,
			Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Nameserver: netip.MustParseAddrPort("10.0.0.2:53")},
		},
	}
	for _, ip := range ips {
		a := netip.MustParseAddr(ip)
		f.Conn.Resolution.Addrs = append(f.Conn.Resolution.Addrs, a)
		f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{
			Addr: netip.AddrPortFrom(a, 443), Outcome: flow.DialTimeout, Start: t0, Took: 4 * time.Second,
			Local: netip.MustParseAddrPort("172.16.8.5:50312"), Kernel: &flow.KernelTCP{SYNRetransmits: 2},
		})
	}
	return f
}

const consoleHost = "ap-northeast-1.console.aws.amazon.com"

func story() []*flow.Flow {
	preflight := call(5, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "", "10.0.1.24", "10.0.2.24")
	preflight.Request.Method = "OPTIONS"
	return []*flow.Flow{
		answered(1, flow.OriginConsole, consoleHost, "203.0.113.10", "DescribeInstances"),
		call(2, flow.OriginDirect, "monitoring.ap-northeast-1.amazonaws.com", "GetMetricData", "10.0.1.23", "10.0.2.23"),
		call(3, flow.OriginDirect, "monitoring.ap-northeast-1.amazonaws.com", "DescribeAlarms", "10.0.1.23", "10.0.2.23"),
		call(4, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "DescribeLogGroups", "10.0.1.24", "10.0.2.24"),
		preflight,
		answered(6, flow.OriginDirect, "ec2.ap-northeast-1.amazonaws.com", "203.0.113.22", "DescribeRegions"),
	}
}

func TestRun_theStoryIsOneFinding(t *testing.T) {
	got := Run(story(), t0.Add(time.Minute))
	if len(got) != 1 {
		t.Fatalf("%d findings, want one: %+v", len(got), got)
	}
	f := got[0]
	if f.Code != "private-endpoint-unreachable" || f.Level != flow.LevelProblem || f.Confidence != flow.ConfidenceHigh || f.Provisional {
		t.Errorf("%s %s %s provisional %v", f.Code, f.Level, f.Confidence, f.Provisional)
	}
	if len(f.Hosts) != 2 || len(f.Flows) != 4 {
		t.Errorf("hosts %v flows %v", f.Hosts, f.Flows)
	}
	text := finding.Text(f)
	for _, want := range []string{
		"consistent with", "com.amazonaws.ap-northeast-1.logs", "com.amazonaws.ap-northeast-1.monitoring",
		"GetMetricData", "DescribeAlarms", "DescribeLogGroups", "10.0.0.2:53", "10.0.1.23", "3 SYNs",
		"isn't a permission problem", "CloudTrail has no events", "--cidr 172.16.8.5/32", "symptom",
		"describe-vpc-endpoints --region ap-northeast-1",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q isn't in\n%s", want, text)
		}
	}
}

func TestRun_theHealthyTwinHasNone(t *testing.T) {
	flows := story()
	for i, f := range flows {
		ip := f.Conn.Attempts[0].Addr.Addr().String()
		flows[i] = answered(f.ID, f.Origin, strings.TrimSuffix(f.Conn.Authority, ":443"), ip, f.AWS.Operation)
	}
	if got := Run(flows, t0); got != nil {
		t.Errorf("findings where nothing is wrong: %+v", got)
	}
}

func TestRun_speaksOfAPendingConnectFromTheThirdSecondOn(t *testing.T) {
	f := call(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "DescribeLogGroups", "10.0.1.24")
	f.State, f.Failure, f.Times.Done = flow.StateConnecting, nil, time.Time{}
	f.Conn.Attempts[0].Outcome, f.Conn.Attempts[0].Took = flow.DialPending, 0
	if got := Run([]*flow.Flow{f}, t0.Add(2900*time.Millisecond)); got != nil {
		t.Errorf("too early: %+v", got)
	}
	got := Run([]*flow.Flow{f}, t0.Add(3100*time.Millisecond))
	if len(got) != 1 || !got[0].Provisional || !strings.Contains(finding.Text(got[0]), "still waiting") {
		t.Errorf("after 3.1 s: %+v", got)
	}
	if c := Codes(f); c != nil {
		t.Errorf("a pending flow has codes %v", c)
	}
}

func TestCodes_eachOutcomeHasItsRule(t *testing.T) {
	mk := func(change func(f *flow.Flow)) *flow.Flow {
		f := call(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "DescribeLogGroups", "10.0.1.24", "10.0.2.24")
		change(f)
		return f
	}
	each := func(o flow.DialOutcome) func(f *flow.Flow) {
		return func(f *flow.Flow) {
			for i := range f.Conn.Attempts {
				f.Conn.Attempts[i].Outcome = o
			}
		}
	}
	for name, tc := range map[string]struct {
		flow *flow.Flow
		want string
	}{
		"dropped":                               {mk(func(*flow.Flow) {}), "private-endpoint-unreachable"},
		"refused":                               {mk(each(flow.DialRefused)), "connect-refused"},
		"unreachable":                           {mk(each(flow.DialUnreachable)), "connect-unreachable"},
		"the tab was closed after four seconds": {mk(each(flow.DialCanceled)), "private-endpoint-unreachable"},
		"the tab was closed at once": {mk(func(f *flow.Flow) {
			each(flow.DialCanceled)(f)
			f.Conn.Attempts[0].Took, f.Conn.Attempts[1].Took = time.Second, time.Second
			f.Times.Done = t0.Add(time.Second)
		}), ""},
		"one address won": {mk(func(f *flow.Flow) {
			f.Conn.Attempts[1].Outcome, f.Response, f.Failure = flow.DialConnected, &flow.Response{Status: 200}, nil
		}), "address-unanswered"},
		"one address won soon": {mk(func(f *flow.Flow) {
			f.Conn.Attempts[0].Outcome, f.Conn.Attempts[0].Took = flow.DialLost, 300*time.Millisecond
			f.Conn.Attempts[1].Outcome, f.Response, f.Failure = flow.DialConnected, &flow.Response{Status: 200}, nil
		}), ""},
		"a probe of a host that isn't AWS's": {
			mk(func(f *flow.Flow) { f.Origin, f.Source = flow.OriginOther, flow.SourceProbe }),
			"private-endpoint-unreachable",
		},
		"public": {
			call(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "X", "203.0.113.1"),
			"connect-timeout",
		},
		"no name": {mk(func(f *flow.Flow) {
			f.Conn.Attempts, f.Conn.Resolution.Addrs = nil, nil
			f.Conn.Resolution.Outcome, f.Failure.Stage = flow.DNSNXDomain, flow.StageDNS
		}), "dns-failed"},
		"two nameservers": {func() *flow.Flow {
			f := answered(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "203.0.113.5", "X")
			f.Conn.Resolution.Each = []*flow.Reference{
				{Nameserver: "10.0.0.2:53", Outcome: flow.DNSOK, Addrs: f.Conn.Resolution.Addrs},
				{Nameserver: "10.0.0.3:53", Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.24")}},
			}
			return f
		}(), "nameservers-disagree"},
		"two nameservers with other public addresses": {func() *flow.Flow {
			f := answered(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "203.0.113.5", "X")
			f.Conn.Resolution.Each = []*flow.Reference{
				{Nameserver: "10.0.0.2:53", Outcome: flow.DNSTimeout},
				{Nameserver: "10.0.0.3:53", Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("198.51.100.7")}},
			}
			return f
		}(), ""},
		"blocked by a filter": {func() *flow.Flow {
			f := call(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "X", "0.0.0.0")
			each(flow.DialRefused)(f)
			return f
		}(), "sinkholed"},
		"mapped by the user": {func() *flow.Flow {
			f := call(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "X", "127.0.0.1")
			each(flow.DialRefused)(f)
			f.Conn.Resolution.Source = flow.SourceMap
			return f
		}(), "connect-refused"},
		"no trust": {mk(func(f *flow.Flow) {
			each(flow.DialConnected)(f)
			f.Failure.Stage, f.Conn.TLS = flow.StageTLS, &flow.TLSInfo{Outcome: flow.TLSUntrusted}
		}), "tls-failed"},
		"not AWS": {mk(func(f *flow.Flow) { f.Origin = flow.OriginOther }), ""},
		"a refusal without a code": {mk(func(f *flow.Flow) {
			each(flow.DialConnected)(f)
			f.Response, f.Failure = &flow.Response{Status: 403}, nil
		}), "refused-without-reason"},
	} {
		got := strings.Join(Codes(tc.flow), " ")
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
		if fs := Run([]*flow.Flow{tc.flow}, t0.Add(time.Minute)); (len(fs) == 0) != (tc.want == "") || len(fs) == 1 && fs[0].Code != tc.want {
			t.Errorf("%s: Run says %+v", name, fs)
		}
	}
}

func TestRun_hostileNamesNeverReachACommand(t *testing.T) {
	f := call(1, flow.OriginDirect, "logs.$(reboot);x\x1b[31m", "X`id`", "10.0.1.24")
	f.AWS.Region, f.AWS.EndpointService = "r;reboot", "com;reboot"
	for _, g := range Run([]*flow.Flow{f}, t0) {
		for _, step := range g.Try {
			if strings.ContainsAny(step.Command, ";`$\x1b") {
				t.Errorf("in a command: %q", step)
			}
		}
		if strings.Contains(finding.Text(g), "\x1b") {
			t.Error("an escape reaches the terminal")
		}
	}
}

func TestRun_aProxyThatRefusesIsTheProxysFinding(t *testing.T) {
	for status, cause := range map[int]string{
		407: "requires credentials", 403: "a proxy policy", 502: "can't reach or resolve",
		405: "refuses CONNECT", 0: "is down",
	} {
		f := call(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "DescribeLogGroups")
		f.Conn.UpstreamProxy, f.Conn.Resolution = "proxy.corp:3128", nil
		f.Conn.Attempts = []flow.DialAttempt{{
			Addr: netip.MustParseAddrPort("10.9.9.9:3128"), Outcome: flow.DialConnected, Start: t0,
			Took: time.Millisecond,
		}}
		f.Conn.Via = &flow.Via{Status: status, Err: "it said no"}
		f.Failure = &flow.Failure{Stage: flow.StageUpstreamProxy, Message: "upstream proxy http://proxy.corp:3128: it said no"}
		got := Run([]*flow.Flow{f}, t0.Add(time.Minute))
		if len(got) != 1 || got[0].Code != "upstream-proxy-failed" || !strings.Contains(got[0].Title, cause) {
			t.Errorf("%d: %+v, want %q", status, got, cause)
		}
	}
}

func TestRun_aSilentProxyInPrivateSpaceIsNoEndpoint(t *testing.T) {
	f := call(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "DescribeLogGroups", "10.9.9.9")
	f.Conn.UpstreamProxy, f.Conn.Resolution = "proxy.corp:3128", nil
	f.Failure.Stage = flow.StageUpstreamProxy
	if got := Run([]*flow.Flow{f}, t0.Add(time.Minute)); len(got) != 1 || got[0].Code != "upstream-proxy-failed" {
		t.Errorf("got %+v", got)
	}
}

func TestRun_aClientThatRefusesOurCertificateIsAFinding(t *testing.T) {
	f := &flow.Flow{
		ID: 1, State: flow.StateDone, Origin: flow.OriginDirect,
		Request: flow.Request{Method: "CONNECT", URL: "logs.eu-west-1.amazonaws.com:443"},
		Failure: &flow.Failure{Stage: flow.StageClient, Message: "the client rejected detour's certificate: remote error: tls: " +
			"unknown certificate authority"},
		Times: flow.Times{Start: t0, Done: t0},
	}
	got := Run([]*flow.Flow{f}, t0)
	if len(got) != 1 || got[0].Code != "certificate-refused" ||
		!strings.Contains(fmt.Sprint(got[0].Try), "--decrypt aws,-logs.eu-west-1.amazonaws.com") {
		t.Errorf("got %+v", got)
	}
	if got := Codes(f); len(got) != 1 {
		t.Errorf("codes %v", got)
	}
	f.Tunnel = &flow.Tunnel{}
	if got := Run([]*flow.Flow{f}, t0); got != nil {
		t.Errorf("a tunnel whose client left: %+v", got)
	}
}

func TestRun_theStoryInAHARIsOneFindingWithoutAddresses(t *testing.T) {
	lost := func(id flow.ID, host, op string, took time.Duration) *flow.Flow {
		f := call(id, flow.OriginDirect, host, op)
		f.Source, f.Conn.Resolution = flow.SourceHAR, nil
		f.Times.Done = t0.Add(took)
		f.Conn.Attempts = []flow.DialAttempt{{Outcome: flow.DialTimeout, Start: t0, Took: took, Err: "net::ERR_CONNECTION_TIMED_OUT"}}
		f.Failure = &flow.Failure{Stage: flow.StageDial, Message: "net::ERR_CONNECTION_TIMED_OUT"}
		return f
	}
	ok := answered(1, flow.OriginConsole, consoleHost, "203.0.113.10", "DescribeInstances")
	ok.Source = flow.SourceHAR
	flows := []*flow.Flow{
		ok,
		lost(2, "monitoring.ap-northeast-1.amazonaws.com", "GetMetricData", 21*time.Second),
		lost(3, "logs.ap-northeast-1.amazonaws.com", "DescribeLogGroups", 21*time.Second),
	}
	got := Run(flows, t0.Add(time.Minute))
	if len(got) != 1 || got[0].Code != "direct-calls-unanswered" || len(got[0].Hosts) != 2 || got[0].Confidence != flow.ConfidenceMedium {
		t.Fatalf("got %+v", got)
	}
	text := finding.Text(got[0])
	for _, want := range []string{
		"while the console's own calls work", "GetMetricData",
		"detour probe logs.ap-northeast-1.amazonaws.com monitoring", "describe-vpc-endpoints",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the finding lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "invalid") || strings.Contains(text, "0.0.0.0") {
		t.Errorf("an address is made up:\n%s", text)
	}
}

func TestRun_oneFactIsNotHighConfidence(t *testing.T) {
	for code, trial := range trials() {
		for _, f := range Run(byID(trial.fires), t0.Add(time.Hour)) {
			if f.Confidence == flow.ConfidenceHigh && f.Level == flow.LevelProblem && len(f.Because) < 2 {
				t.Errorf("%s: %s is sure because of %q alone", code, f.Code, f.Because)
			}
		}
	}
}

func TestMarkdown_foreignTextIsNoMarkup(t *testing.T) {
	f := refusal(1, "203.0.113.5", 503, &flow.AWSError{Code: "X", Message: "<img src=x onerror=alert(1)> [a](javascript:b) `c` *d*\n# " +
		"e\x1b[31m"})
	text := finding.Markdown(Run([]*flow.Flow{f}, t0.Add(time.Hour))[0])
	for _, bad := range []string{"<img", "[a](", "\n# e", "\x1b", " `c`", "*d*\n"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in\n%s", bad, text)
		}
	}
	if !strings.HasPrefix(text, "### logs:DescribeLogGroups") && !strings.HasPrefix(text, "### DescribeLogGroups") ||
		!strings.Contains(text, "**CloudTrail**") {
		t.Errorf("got\n%s", text)
	}
}

package table

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/flowtest"
	"detour/ui/pane"
)

func TestDNSCell(t *testing.T) {
	for _, c := range []struct {
		want string
		tone pane.Tone
		f    flow.Flow
	}{
		{"", pane.Dim, flow.Flow{State: flow.StateBlocked}},
		{"—", pane.Dim, flow.Flow{State: flow.StateDone}},
		{"resolving", pane.Dim, flow.Flow{State: flow.StateResolving, Conn: flowtest.Conn(nil)}},
		{"resolving", pane.Dim, flow.Flow{State: flow.StateResolving, Conn: flowtest.Conn(flowtest.FailedLookup(flow.DNSPending))}},
		{"—", pane.Dim, flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(nil)}},
		{"by proxy", pane.Dim, flow.Flow{State: flow.StateDone, Conn: &flow.Conn{UpstreamProxy: "proxy:3128"}}},
		{"by proxy", pane.Dim, flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(flowtest.ResolvedBy(flow.SourceProxied))}},
		{"private 10.0.1.23", pane.Accent, flow.Flow{
			State: flow.StateDone,
			Conn:  flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "10.0.1.23")),
		}},
		{"private 10.0.1.23 +1", pane.Accent, flow.Flow{
			State: flow.StateDone,
			Conn:  flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "10.0.1.23", "10.0.2.23")),
		}},
		{"private 10.0.2.23 +1", pane.Accent, flow.Flow{
			State: flow.StateDone,
			Conn: flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "10.0.1.23", "10.0.2.23"),
				flowtest.Attempt(flowtest.Start, "10.0.1.23", flow.DialTimeout, 4*time.Second), flowtest.Attempt(flowtest.Start,
					"10.0.2.23", flow.DialConnected, flowtest.Millis(9))),
		}},
		{"public 203.0.113.20", pane.Plain, flow.Flow{
			State: flow.StateDone,
			Conn:  flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "203.0.113.20")),
		}},
		{"mixed 203.0.113.20 +1", pane.Warn, flow.Flow{
			State: flow.StateDone,
			Conn:  flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "203.0.113.20", "10.0.1.23")),
		}},
		{"cgnat 100.64.0.9", pane.Accent, flow.Flow{
			State: flow.StateDone,
			Conn:  flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "100.64.0.9")),
		}},
		{"loopback 127.0.0.1", pane.Warn, flow.Flow{
			State: flow.StateDone,
			Conn:  flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "127.0.0.1")),
		}},
		{"hosts 10.0.9.9", pane.Warn, flow.Flow{
			State: flow.StateDone,
			Conn:  flowtest.Conn(flowtest.ResolvedBy(flow.SourceHosts, "10.0.9.9")),
		}},
		{"map 10.0.9.9", pane.Warn, flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(flowtest.ResolvedBy(flow.SourceMap, "10.0.9.9"))}},
		{"nxdomain", pane.Bad, flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(flowtest.FailedLookup(flow.DNSNXDomain))}},
		{"nodata", pane.Bad, flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(flowtest.FailedLookup(flow.DNSNoData))}},
		{"servfail", pane.Bad, flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(flowtest.FailedLookup(flow.DNSServFail))}},
		{"refused", pane.Bad, flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(flowtest.FailedLookup(flow.DNSRefused))}},
		{"timeout", pane.Bad, flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(flowtest.FailedLookup(flow.DNSTimeout))}},
		{"error", pane.Bad, flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(flowtest.FailedLookup(flow.DNSError))}},
	} {
		if got := dnsCell(Row{Flow: &c.f, Now: flowtest.At(3000)}); got != (cell{c.want, c.tone}) {
			t.Errorf("dnsCell = %+v, want %q in tone %d", got, c.want, c.tone)
		}
	}
}

func TestTCPCell(t *testing.T) {
	ok := flowtest.Lookup(flowtest.Start, "x", "10.0.1.23", "10.0.2.23")
	done := func(as ...flow.DialAttempt) flow.Flow {
		return flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(ok, as...)}
	}
	const a, b = "10.0.1.23", "10.0.2.23"
	// alone is a flow whose loser was tried alone.
	alone := func(o flow.DialOutcome, took time.Duration) flow.Flow {
		f := done(flowtest.Attempt(flowtest.Start, a, flow.DialLost, flowtest.Millis(250)),
			flowtest.Attempt(flowtest.Start, b, flow.DialConnected, flowtest.Millis(12)))
		f.Later = []flow.Later{{Kind: flow.LaterLoser, Addr: f.Conn.Attempts[0].Addr, Outcome: o, Took: took}}
		return f
	}
	for _, c := range []struct {
		want string
		tone pane.Tone
		f    flow.Flow
	}{
		{"ok 12 ms, 1 bad", pane.Warn, alone(flow.DialTimeout, 3*time.Second)},
		{"ok 12 ms, 1 bad", pane.Warn, alone(flow.DialCanceled, 6*time.Second)},
		{"ok 12 ms", pane.Good, alone(flow.DialCanceled, time.Second)},
		{"ok 12 ms", pane.Good, alone(flow.DialConnected, 5*time.Second)},
		{"", pane.Dim, flow.Flow{State: flow.StateBlocked}},
		{"—", pane.Dim, flow.Flow{State: flow.StateDone}},
		{"resolving 2 s", pane.Dim, flow.Flow{State: flow.StateResolving, Conn: flowtest.Conn(&flow.Resolution{Start: flowtest.At(0)})}},
		{"resolving 2 s", pane.Dim, flow.Flow{State: flow.StateResolving, Conn: flowtest.Conn(nil)}},
		{"connecting 2 s", pane.Dim, flow.Flow{
			State: flow.StateConnecting,
			Conn:  flowtest.Conn(ok, flowtest.Attempt(flowtest.At(0), a, flow.DialPending, 0)),
		}},
		{"connecting 7 s +1", pane.Warn, flow.Flow{
			State: flow.StateConnecting,
			Conn: flowtest.Conn(ok, flowtest.Attempt(flowtest.At(-9400), a, flow.DialTimeout, 4*time.Second),
				flowtest.Attempt(flowtest.At(-5000), b, flow.DialPending, 0)),
		}},
		{"ok 12 ms", pane.Good, done(flowtest.Attempt(flowtest.Start, a, flow.DialConnected, flowtest.Millis(12)))},
		{"ok 0.4 ms", pane.Good, done(flowtest.Attempt(flowtest.Start, a, flow.DialConnected, flowtest.Millis(.4)))},
		{"ok 12 ms", pane.Good, done(flowtest.Attempt(flowtest.Start, a, flow.DialLost, flowtest.Millis(250)),
			flowtest.Attempt(flowtest.Start, b, flow.DialConnected, flowtest.Millis(12)))},
		{"ok 12 ms, 1 bad", pane.Warn, done(flowtest.Attempt(flowtest.Start, a, flow.DialTimeout, 4*time.Second),
			flowtest.Attempt(flowtest.Start, b, flow.DialConnected, flowtest.Millis(12)))},
		{"ok 4.0 s, 1 bad", pane.Warn, done(flowtest.Attempt(flowtest.Start, a, flow.DialLost, 4250*time.Millisecond),
			flowtest.Attempt(flowtest.Start, b, flow.DialConnected, 4*time.Second))},
		{"TIMEOUT 4.0 s · 3 SYNs", pane.Bad, done(flowtest.Attempt(flowtest.Start, a, flow.DialTimeout, 4*time.Second))},
		{"TIMEOUT 4.2 s, 2 addresses · 3 SYNs each", pane.Bad, done(flowtest.Attempt(flowtest.Start, a, flow.DialTimeout, 4*time.Second),
			flowtest.Attempt(flowtest.Start, b, flow.DialTimeout, 4200*time.Millisecond))},
		{"TIMEOUT 4.0 s +1", pane.Bad, done(flowtest.Attempt(flowtest.Start, a, flow.DialTimeout, 4*time.Second),
			flowtest.Attempt(flowtest.Start, b, flow.DialUnreachable, flowtest.Millis(3)))},
		{"RST 3.0 ms", pane.Bad, done(flowtest.Attempt(flowtest.Start, a, flow.DialRefused, flowtest.Millis(3)))},
		{"UNREACH 3.0 ms", pane.Bad, done(flowtest.Attempt(flowtest.Start, a, flow.DialUnreachable, flowtest.Millis(3)))},
		{"RESET", pane.Bad, done(flowtest.Attempt(flowtest.Start, a, flow.DialReset, flowtest.Millis(3)))},
		{"ERROR 3.0 ms", pane.Bad, done(flowtest.Attempt(flowtest.Start, a, flow.DialError, flowtest.Millis(3)))},
		{"canceled 20 ms", pane.Dim, done(flowtest.Attempt(flowtest.Start, a, flow.DialCanceled, flowtest.Millis(20)))},
		{"canceled 12.0 s", pane.Bad, done(flowtest.Attempt(flowtest.Start, a, flow.DialCanceled, 12*time.Second))},
		{"reused", pane.Dim, flow.Flow{
			State: flow.StateDone, Reused: true,
			Conn: flowtest.Conn(ok, flowtest.Attempt(flowtest.Start, a, flow.DialConnected, flowtest.Millis(12))),
		}},
		{"—", pane.Dim, done()},
	} {
		if got := tcpCell(Row{Flow: &c.f, Now: flowtest.At(2600)}); got != (cell{c.want, c.tone}) {
			t.Errorf("tcpCell = %+v, want %q in tone %d", got, c.want, c.tone)
		}
	}
}

func TestTLSCell(t *testing.T) {
	for o, want := range map[flow.TLSOutcome]string{
		flow.TLSPending: "wait 3 s", flow.TLSOK: "ok 24 ms", flow.TLSUntrusted: "UNTRUSTED", flow.TLSExpired: "EXPIRED",
		flow.TLSNameMismatch: "WRONGNAME", flow.TLSAlert: "ALERT", flow.TLSTimeout: "TIMEOUT", flow.TLSReset: "RESET", flow.TLSError: "ERROR",
	} {
		f := flow.Flow{State: flow.StateHandshaking, Conn: &flow.Conn{TLS: &flow.TLSInfo{
			Outcome: o, Start: flowtest.Start,
			Took: flowtest.Millis(24),
		}}}
		if got := tlsCell(Row{Flow: &f, Now: flowtest.At(3000)}); got.text != want {
			t.Errorf("tlsCell of %q = %q, want %q", o, got.text, want)
		}
	}
}

func TestStatusCell(t *testing.T) {
	denied := &flow.AWS{Error: &flow.AWSError{Code: "AccessDenied"}}
	stopped := func(s flow.Stage) flow.Flow {
		return flow.Flow{State: flow.StateDone, Failure: &flow.Failure{Stage: s}}
	}
	for _, c := range []struct {
		want string
		tone pane.Tone
		f    flow.Flow
	}{
		{"200", pane.Good, flow.Flow{State: flow.StateDone, Response: &flow.Response{Status: 200}}},
		{"304", pane.Good, flow.Flow{State: flow.StateDone, Response: &flow.Response{Status: 304}}},
		{"403 AccessDenied", pane.Bad, flow.Flow{State: flow.StateDone, AWS: denied, Response: &flow.Response{Status: 403}}},
		{"200 AccessDenied", pane.Bad, flow.Flow{State: flow.StateDone, AWS: denied, Response: &flow.Response{Status: 200}}},
		{"502", pane.Bad, flow.Flow{State: flow.StateDone, Response: &flow.Response{Status: 502}}},
		{"200 cut off", pane.Bad, flow.Flow{
			State: flow.StateDone, Response: &flow.Response{Status: 200},
			Failure: &flow.Failure{Stage: flow.StageReceive},
		}},
		{"200", pane.Good, flow.Flow{
			State: flow.StateDone, Response: &flow.Response{Status: 200},
			Failure: &flow.Failure{Stage: flow.StageClient},
		}},
		{"waiting 4 s", pane.Dim, flow.Flow{
			State: flow.StateWaiting,
			Times: flow.Times{Start: flowtest.Start, WroteRequest: flowtest.At(1000)},
		}},
		{"", pane.Dim, flow.Flow{State: flow.StateConnecting}},
		{"—", pane.Bad, stopped(flow.StageDial)},
		{"—", pane.Bad, stopped(flow.StageDNS)},
		{"no response", pane.Bad, stopped(flow.StageWait)},
		{"client left", pane.Dim, stopped(flow.StageClient)},
		{"run ended", pane.Dim, flow.Flow{
			State: flow.StateDone, Failure: &flow.Failure{Stage: flow.StageClient, Kind: flow.KindPending},
		}},
		{"not sent", pane.Bad, stopped(flow.StageProxy)},
		{"detour failed", pane.Bad, flow.Flow{
			State: flow.StateDone, Failure: &flow.Failure{Stage: flow.StageProxy}, Times: flow.Times{WroteRequest: flowtest.Start},
		}},
		{"tunnel 6.6 kB", pane.Dim, flow.Flow{State: flow.StateDone, Tunnel: &flow.Tunnel{Sent: 1200, Received: 5400}}},
		{"—", pane.Dim, flow.Flow{State: flow.StateDone}},
	} {
		if got := statusCell(Row{Flow: &c.f, Now: flowtest.At(5000)}); got != (cell{c.want, c.tone}) {
			t.Errorf("statusCell = %+v, want %q in tone %d", got, c.want, c.tone)
		}
	}
}

func TestResultCell_saysTheFirstThingThatWentWrong(t *testing.T) {
	ok := flowtest.Lookup(flowtest.Start, "x", "203.0.113.20")
	up := flowtest.Attempt(flowtest.Start, "203.0.113.20", flow.DialConnected, flowtest.Millis(12))
	for _, c := range []struct {
		want string
		f    flow.Flow
	}{
		{"no address", flow.Flow{
			State: flow.StateDone, Conn: flowtest.Conn(flowtest.FailedLookup(flow.DNSNXDomain)),
			Failure: &flow.Failure{Stage: flow.StageDNS},
		}},
		{"resolving 3 s", flow.Flow{State: flow.StateResolving, Conn: flowtest.Conn(flowtest.FailedLookup(flow.DNSPending))}},
		{"connecting 3 s", flow.Flow{State: flow.StateConnecting, Conn: flowtest.Conn(ok, flowtest.Attempt(flowtest.Start,
			"203.0.113.20", flow.DialPending, 0))}},
		{"TLS UNTRUSTED", flow.Flow{State: flow.StateDone, Conn: &flow.Conn{
			Resolution: ok, Attempts: []flow.DialAttempt{up},
			TLS: &flow.TLSInfo{Outcome: flow.TLSUntrusted},
		}}},
		{"TLS wait 3 s", flow.Flow{State: flow.StateHandshaking, Conn: &flow.Conn{
			Resolution: ok, Attempts: []flow.DialAttempt{up},
			TLS: &flow.TLSInfo{Start: flowtest.Start},
		}}},
		{"waiting 3 s", flow.Flow{
			State: flow.StateWaiting, Conn: flowtest.Conn(ok, up),
			Times: flow.Times{Start: flowtest.Start, WroteRequest: flowtest.Start},
		}},
		{"200 in 92 ms", flow.Flow{
			State: flow.StateDone, Conn: flowtest.Conn(ok, up), Response: &flow.Response{Status: 200},
			Times: flow.Times{Start: flowtest.Start, Done: flowtest.At(92)},
		}},
		{"blocked 3 s", flow.Flow{State: flow.StateBlocked, Times: flow.Times{Start: flowtest.Start}}},
	} {
		if got := timedResultCell(Row{Flow: &c.f, Now: flowtest.At(3000)}); got.text != c.want {
			t.Errorf("timedResultCell = %q, want %q", got.text, c.want)
		}
	}
}

func TestCallCell(t *testing.T) {
	post := flow.Request{Method: "POST", URL: "https://user:pw@host.example:8443/a/b?c=d"}
	for _, c := range []struct {
		want, hosted string
		f            flow.Flow
	}{
		{"CloudWatch GetMetricData", "CloudWatch GetMetricData", flow.Flow{Request: post, AWS: &flow.AWS{
			Service:     "monitoring",
			ServiceName: "CloudWatch", Operation: "GetMetricData",
		}}},
		{"monitoring GetMetricData", "monitoring GetMetricData", flow.Flow{Request: post, AWS: &flow.AWS{
			Service:   "monitoring",
			Operation: "GetMetricData",
		}}},
		{
			"GetMetricData took 105.2 s (beacon)", "GetMetricData took 105.2 s (beacon)",
			flow.Flow{AWS: &flow.AWS{Operation: "GetMetricData", Measured: 105200 * time.Millisecond}},
		},
		{"S3 preflight", "S3 preflight", flow.Flow{
			Request: flow.Request{Method: "OPTIONS", URL: "https://x/"},
			AWS:     &flow.AWS{ServiceName: "S3", DecodedBy: "preflight"},
		}},
		{
			"S3 undecoded: POST /a/b?c=d", "S3 undecoded: POST /a/b?c=d",
			flow.Flow{Request: post, AWS: &flow.AWS{ServiceName: "S3", DecodedBy: flow.Undecoded}},
		},
		{
			"Logs StartQuery (preflight)", "Logs StartQuery (preflight)",
			flow.Flow{Request: flow.Request{Method: "OPTIONS"}, AWS: &flow.AWS{ServiceName: "Logs", Operation: "StartQuery"}},
		},
		{"POST /a/b?c=d", "POST host.example:8443/a/b?c=d", flow.Flow{Request: post}},
		{"tunnel h:443", "tunnel h:443", flow.Flow{Tunnel: &flow.Tunnel{}, Request: flow.Request{Method: "CONNECT", URL: "h:443"}}},
	} {
		if got := callCell(Row{Flow: &c.f}).text; got != c.want {
			t.Errorf("callCell = %q, want %q", got, c.want)
		}
		if got := callHostCell(Row{Flow: &c.f}).text; got != c.hosted {
			t.Errorf("callHostCell = %q, want %q", got, c.hosted)
		}
	}
}

func TestSignCell(t *testing.T) {
	pending := flow.Flow{State: flow.StateConnecting, Conn: flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "10.0.1.23"),
		flowtest.Attempt(flowtest.Start, "10.0.1.23", flow.DialPending, 0))}
	won := flow.Flow{State: flow.StateWaiting, Conn: flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "10.0.1.23", "10.0.2.23"),
		flowtest.Attempt(flowtest.Start, "10.0.1.23", flow.DialPending, 0), flowtest.Attempt(flowtest.Start, "10.0.2.23",
			flow.DialConnected, flowtest.Millis(9)))}
	for _, c := range []struct {
		want string
		r    Row
	}{
		{" ", Row{Flow: &flow.Flow{State: flow.StateDone}, Now: flowtest.Start}},
		{"!", Row{Flow: &flow.Flow{State: flow.StateDone, Failure: &flow.Failure{Stage: flow.StageTLS}}, Now: flowtest.Start}},
		{" ", Row{Flow: &flow.Flow{State: flow.StateDone, Failure: &flow.Failure{Stage: flow.StageClient}}, Now: flowtest.Start}},
		{"!", Row{Flow: &flow.Flow{State: flow.StateDone}, Now: flowtest.Start, Claim: flow.LevelProblem}},
		{"i", Row{Flow: &flow.Flow{State: flow.StateDone}, Now: flowtest.Start, Claim: flow.LevelNotice}},
		{"x", Row{Flow: &flow.Flow{State: flow.StateDone, AWS: &flow.AWS{Service: "iam"}, Response: &flow.Response{Status: 403}}, Now: flowtest.Start}},
		{" *", Row{Flow: &flow.Flow{State: flow.StateDone, Marked: true}, Now: flowtest.Start}},
		{" ", Row{Flow: &won, Now: flowtest.At(9000)}},
		{" ", Row{Flow: &pending, Now: flowtest.At(2999)}},
		{"!", Row{Flow: &pending, Now: flowtest.At(3000)}},
	} {
		if got := signCell(c.r).text; got != c.want {
			t.Errorf("signCell = %q, want %q", got, c.want)
		}
	}
}

func TestAWSCells(t *testing.T) {
	r := Row{Flow: flowtest.WithBodies()[6], Now: flowtest.At(13_300)}
	bare := Row{Flow: &flow.Flow{}, Now: flowtest.At(13_300)}
	for name, c := range map[string]struct {
		render func(Row) cell
		want   cell
	}{
		"deny":   {denyCell, cell{"explicit: VPC endpoint policy", pane.Bad}},
		"policy": {policyCell, cell{"arn:aws:iam::123456789012:policy/NoRegions", pane.Plain}},
		"inner":  {innerCell, cell{"403", pane.Bad}},
		"batch":  {batchCell, cell{"2 calls", pane.Plain}},
		"skew":   {skewCell, cell{"-310 s", pane.Bad}},
		"age":    {ageCell, cell{"12.0 s", pane.Dim}},
		"range":  {rangeCell, cell{"EC2 ap-northeast-1", pane.Plain}},
	} {
		if got := c.render(r); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if got := c.render(bare); got.text != "" {
			t.Errorf("%s of a flow without: %q", name, got.text)
		}
	}
}

// TestStatusCell_showsTheInnerStatus: an answer that tells of an error is one.
func TestStatusCell_showsTheInnerStatus(t *testing.T) {
	f := flowtest.Answered(flowtest.Call(1, flowtest.Start, flow.OriginConsole, flowtest.ConsoleHost, "ec2", "EC2", "X"), 200,
		flowtest.Millis(9))
	f.AWS.InnerStatus = 403
	if got := statusCell(Row{Flow: f, Now: flowtest.Start}); got != (cell{"200/403", pane.Bad}) {
		t.Errorf("got %v", got)
	}
	if got := signCell(Row{Flow: f, Now: flowtest.Start}); got.text != "x" {
		t.Errorf("its sign is %q, want x", got.text)
	}
	f.AWS.InnerStatus = 200
	if got := statusCell(Row{Flow: f, Now: flowtest.Start}); got != (cell{"200", pane.Good}) {
		t.Errorf("got %v", got)
	}
}

func TestHost(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/x": "a.example", "https://a.example:8443": "a.example", "a.example:443": "a.example",
		"https://u:p@a.example/": "a.example", "https://[fd00::1]:443/x": "fd00::1", "https://[fd00::1]/x": "fd00::1",
		"https://a.example?x=b@c:d/e": "a.example", "": "",
	} {
		if got := Host(&flow.Flow{Request: flow.Request{URL: in}}); got != want {
			t.Errorf("hostOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSpread_fillsTheWidthExactlyAndStaysInBounds(t *testing.T) {
	for w := 1; w < 400; w++ {
		cols := pick(w)
		ws := spread(cols, w)
		sum := len(cols) - 1
		for i, c := range cols {
			sum += ws[i]
			if ws[i] < 0 || c.max > 0 && ws[i] > c.max {
				t.Fatalf("%d cells: column %q has %d", w, c.title, ws[i])
			}
			if w >= 40 && ws[i] < c.min {
				t.Fatalf("%d cells: column %q has %d, less than its %d", w, c.title, ws[i], c.min)
			}
		}
		if w >= 40 && sum > w || sum < w && w >= 40 && w < 160 {
			t.Fatalf("%d cells: columns take %d", w, sum)
		}
	}
}

func TestFilter_matchesWhatTheTableShows(t *testing.T) {
	flows := flowtest.Story(true)
	for _, c := range []struct {
		text string
		want []flow.ID
	}{
		{"", []flow.ID{1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"getmetric", []flow.ID{4, 9}},
		{"GETMETRIC direct", []flow.ID{4}},
		{"direct timeout", []flow.ID{4, 5, 6}},
		{"private", []flow.ID{4, 5, 6}},
		{"203.0.113.22", []flow.ID{7}},
		{"10.0.1.24", []flow.ID{6}},
		{"tunnel", []flow.ID{8}},
		{"reused", []flow.ID{3}},
		{"204", []flow.ID{9}},
		{"beacon", []flow.ID{9}},
		{"console-origin", []flow.ID{2, 3}},
		{"cloudwatch logs", []flow.ID{6}},
		{"awsstatic", []flow.ID{1}},
		{"private-endpoint", []flow.ID{4, 5, 6}},
		{"nothing-of-this", nil},
	} {
		var got []flow.ID
		flt, err := filter.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range flows {
			if flt.Match(f, flowtest.Start) {
				got = append(got, f.ID)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("filter %q lets %v through, want %v", c.text, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("filter %q lets %v through, want %v", c.text, got, c.want)
			}
		}
	}
}

func TestTCPCell_countsTheSYNsOfEveryAttempt(t *testing.T) {
	of := func(o flow.DialOutcome, retransmits ...int) Row {
		c := flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "10.0.1.23", "10.0.2.23"))
		for i, n := range retransmits {
			a := flow.DialAttempt{
				Addr: netip.MustParseAddrPort(fmt.Sprintf("10.0.%d.23:443", i+1)), Outcome: o, Start: flowtest.Start,
				Took: 5 * time.Second,
			}
			if n >= 0 {
				a.Kernel = &flow.KernelTCP{SYNRetransmits: n}
			}
			c.Attempts = append(c.Attempts, a)
		}
		state := flow.StateDone
		if o == flow.DialPending {
			state = flow.StateConnecting
		}
		return Row{Flow: &flow.Flow{State: state, Conn: c}, Now: flowtest.At(12_000)}
	}
	for _, c := range []struct {
		want string
		r    Row
	}{
		{"TIMEOUT 5.0 s · 4 SYNs", of(flow.DialTimeout, 3)},
		{"TIMEOUT 5.0 s, 2 addresses · 4 SYNs each", of(flow.DialTimeout, 3, 3)},
		{"TIMEOUT 5.0 s, 2 addresses", of(flow.DialTimeout, 3, -1)},
		{"canceled 5.0 s · 3 SYNs", of(flow.DialCanceled, 2)},
		{"RST 5.0 s", of(flow.DialRefused, 0)},
		{"connecting 12 s · 4 SYNs", of(flow.DialPending, 3)},
		{"connecting 12 s · 1 SYN", of(flow.DialPending, 0)},
		{"connecting 12 s", of(flow.DialPending, -1)},
	} {
		if got := tcpCell(c.r).text; got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	const full = "TIMEOUT 5.0 s, 2 addresses · 4 SYNs each"
	for w, want := range map[int]string{
		40: full, 39: "TIMEOUT 5.0 s ×2 · 4 SYNs each", 29: "TIMEOUT 5.0 s ×2", 16: "TIMEOUT 5.0 s ×2", 15: "TIMEOUT 5.0 s",
	} {
		if got := shortConnect(nil, full, w); got != want {
			t.Errorf("in %d cells: %q, want %q", w, got, want)
		}
	}
	if got := shortConnect(nil, "TIMEOUT 5.0 s · 4 SYNs", 16); got != "TIMEOUT 5.0 s" {
		t.Errorf("in 16 cells: %q", got)
	}
	if other := "ok 120.0 s, 2 bad"; shortConnect(nil, other, 16) != other {
		t.Error("another number is shortened as if it counted addresses")
	}
	if long := "403 " + strings.Repeat("a · b", 9); shortConnect(nil, long, 16) != long {
		t.Error("another text with a dot is shortened as if it counted SYNs")
	}
}

func TestTLSCell_plainConnectionsHaveNone(t *testing.T) {
	f := flowtest.Plain(1)
	f.Request.URL = "http://localhost:8000/x"
	f.Conn = flowtest.Conn(flowtest.Lookup(flowtest.Start, "localhost", "127.0.0.1"),
		flowtest.Attempt(flowtest.Start, "127.0.0.1", flow.DialConnected, flowtest.Millis(1)))
	r := Row{Flow: f, Now: flowtest.Start}
	if got := tlsCell(r).text; got != wording.None {
		t.Errorf("TLS of a plain connection used again: %q, want %q", got, wording.None)
	}
	if got := Path(r); strings.Contains(got, "TLS") {
		t.Errorf("the path of a plain request: %q", got)
	}
	f.Request.URL = "https://localhost:8000/x"
	if got := tlsCell(r).text; got != "reused" {
		t.Errorf("TLS of a connection used again: %q, want reused", got)
	}
}

func TestPath_endsWithWhatCame(t *testing.T) {
	f := flowtest.Answered(&flow.Flow{
		Times: flow.Times{Start: flowtest.Start},
		Conn: flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "203.0.113.20"),
			flowtest.Attempt(flowtest.Start, "203.0.113.20", flow.DialConnected, flowtest.Millis(9))),
	}, 200, flowtest.Millis(90))
	if got := Path(Row{Flow: f, Now: flowtest.Start}); !strings.HasSuffix(got, "→ HTTP 200") {
		t.Errorf("the path of an answer: %q", got)
	}
	f.Response, f.Failure = nil, &flow.Failure{Stage: flow.StageWait}
	if got := Path(Row{Flow: f, Now: flowtest.Start}); !strings.HasSuffix(got, "ok 9.0 ms → no response") {
		t.Errorf("the path of none: %q", got)
	}
}

func TestStatusCell_ofWhatAnExtensionBlocked(t *testing.T) {
	f := &flow.Flow{
		State: flow.StateDone, Source: flow.SourceHAR,
		Failure: &flow.Failure{Stage: flow.StageClient, Kind: flow.KindBlockedByClient, Message: "net::ERR_BLOCKED_BY_CLIENT"},
	}
	if c := statusCell(Row{Flow: f, Now: flowtest.Start}); c.text != "blocked" {
		t.Errorf("the status is %q, want blocked", c.text)
	}
}

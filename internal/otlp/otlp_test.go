package otlp

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"

	"detour/internal/flow"
)

var began = time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)

// unanswered is a call whose SYNs nothing answers until its page leaves.
func unanswered(id flow.ID) *flow.Flow {
	c := &flow.Conn{
		ID: 1, Authority: "monitoring.eu-west-1.amazonaws.com:443", Start: began,
		Resolution: &flow.Resolution{
			Name: "monitoring.eu-west-1.amazonaws.com", Outcome: flow.DNSOK, Source: flow.SourceDNS, Start: began, Took: time.Millisecond,
			Nameserver: netip.MustParseAddrPort("10.0.0.2:53"), Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23")},
		},
		Attempts: []flow.DialAttempt{{
			Addr: netip.MustParseAddrPort("10.0.1.23:443"), Start: began.Add(time.Millisecond), Outcome: flow.DialCanceled, Took: 20 * time.Second,
			Local: netip.MustParseAddrPort("172.16.8.5:50000"),
		}},
	}
	return &flow.Flow{
		ID: id, Rev: 1, State: flow.StateDone, Origin: flow.OriginDirect, Conn: c,
		AWS:     &flow.AWS{Service: "monitoring", ServiceName: "CloudWatch", Operation: "GetMetricData", Region: "eu-west-1"},
		Request: flow.Request{Method: "POST", URL: "https://monitoring.eu-west-1.amazonaws.com/"},
		Failure: &flow.Failure{Stage: flow.StageClient, Message: "context canceled"},
		Times:   flow.Times{Start: began, Done: began.Add(20 * time.Second)},
	}
}

func TestFlow_aClientThatLeavesWasWaitingForSomething(t *testing.T) {
	f := unanswered(1)
	if got := errorType(f); got != "connection_timeout" {
		t.Errorf("SYNs without an answer are %q", got)
	}
	f.Conn.Attempts[0].Took = time.Second
	if got := errorType(f); got != "aborted" {
		t.Errorf("a client that left at once is %q", got)
	}
	f = unanswered(1)
	f.Conn.Attempts[0].Outcome = flow.DialConnected
	f.Conn.TLS = &flow.TLSInfo{Start: began.Add(time.Second)}
	if got := errorType(f); got != "connection_read_timeout" {
		t.Errorf("a handshake without an answer is %q", got)
	}
	f = unanswered(1)
	f.Conn.Attempts, f.Conn.Resolution = nil, &flow.Resolution{Start: began, Name: "x"}
	if got := errorType(f); got != "dns_timeout" {
		t.Errorf("a query without an answer is %q", got)
	}
	f = unanswered(1)
	f.Reused = true
	if got := errorType(f); got != "aborted" {
		t.Errorf("the connects of another flow make it %q", got)
	}
}

func TestErrorType_eachKindHasAWord(t *testing.T) {
	for _, kind := range flow.FailureKinds() {
		if got := errorWord(kind); !isWord(got) || strings.Contains(got, "-") {
			t.Errorf("%s is %q", kind, got)
		}
	}
}

func TestConnection_aClientThatLeavesEndsWhatWasInProgress(t *testing.T) {
	spans := func(f *flow.Flow) (out []string) {
		for _, s := range decodedSpans(t, run, run.Connection(f, f.Conn)...)[1:] {
			word, _ := values(t, s.Attributes)[attrErrorType].(string)
			out = append(out, s.Name+" "+word)
		}
		return out
	}
	for _, took := range []time.Duration{time.Second, 20 * time.Second} {
		for _, settled := range []bool{false, true} { // as the proxy does when it ends a flow
			lookup, handshake := unanswered(1), unanswered(1)
			lookup.Conn.Attempts, lookup.Conn.Resolution = nil, &flow.Resolution{Start: began, Name: "x"}
			handshake.Conn.Attempts[0].Outcome = flow.DialConnected
			handshake.Conn.TLS = &flow.TLSInfo{Start: began}
			for _, f := range []*flow.Flow{lookup, handshake} {
				if f.Times.Done = began.Add(took); settled {
					f.Conn = f.Conn.Settled(f.Times.Done, flow.DialCanceled, "context canceled")
				}
			}
			want := []string{"DNS lookup dns_timeout", "DNS lookup ", "socket connect ", "TLS handshake connection_read_timeout"}
			if took < 3*time.Second {
				want = []string{"DNS lookup aborted", "DNS lookup ", "socket connect ", "TLS handshake aborted"}
			}
			if diff := cmp.Diff(want, append(spans(lookup), spans(handshake)...)); diff != "" {
				t.Errorf("after %s, settled %v: %s", took, settled, diff)
			}
		}
	}
}

// TestFlow_whatIsNotLookedUp has no question and no answer: the host is an address, or the upstream proxy looks it up.
func TestFlow_whatIsNotLookedUp(t *testing.T) {
	for source, want := range map[flow.DNSSource]bool{flow.SourceLiteral: false, flow.SourceProxied: false, flow.SourceHosts: true, flow.SourceDNS: true} {
		f := unanswered(1)
		f.Conn.Resolution.Source = source
		got := values(t, decodedLogs(t, run, run.Flow(f, ""))[0].Attributes)
		for _, key := range []string{attrQuestion, attrAnswers, attrScope} {
			if has := got[key] != nil; has != want {
				t.Errorf("%s: %s is %v", source, key, got[key])
			}
		}
		if place := placeOf(f.Conn); (place.scope != "") != want || (place.nameserver != "") != want || place.network == "" {
			t.Errorf("%s: the place is %v", source, place)
		}
	}
}

func TestNanoseconds_anInstantThatHasNoneIsUnknown(t *testing.T) {
	for at, want := range map[time.Time]uint64{
		{}: 0, time.Unix(0, 7): 7, time.Unix(-1, 0): 0, time.Date(2400, 1, 1, 0, 0, 0, 0, time.UTC): 0, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC): 0,
	} {
		if got := nanoseconds(at); got != want {
			t.Errorf("%s is %d", at, got)
		}
	}
}

// TestURL_aPathIsAWSs: that of another host may be a secret, such as a webhook's.
func TestURL_aPathIsAWSs(t *testing.T) {
	for origin, want := range map[flow.Origin]string{
		flow.OriginOther: "https://hooks.example/*", "": "https://hooks.example/*", flow.OriginDirect: "https://hooks.example/services/T0/s3cr3t?a=*",
	} {
		f := unanswered(1)
		f.Origin, f.Request.URL = origin, "https://hooks.example/services/T0/s3cr3t?a=b"
		for _, all := range [][]byte{New(Resource{}).Flow(f, ""), New(Resource{}).Request(f, "")} {
			if got := bytes.Contains(all, []byte(want)); !got || origin != flow.OriginDirect && bytes.Contains(all, []byte("s3cr3t")) {
				t.Errorf("%q: %q", origin, all)
			}
		}
	}
}

func TestWithoutValues(t *testing.T) {
	for in, want := range map[string]string{
		"https://H.example/a?x=1&y=&z":                  "https://h.example/a?x=*&*&*",
		"https://h.example/?dG9rZW4=&czNjcjN0Cg==&a=b=": "https://h.example/?*&*&a=*", // Base64 ends with '=', too
		"https://h.example":                             "https://h.example/",
		"https://h.example?secret":                      "https://h.example/?*",
		"https://me:pw@h.example:8443/a#frag":           "https://h.example:8443/a",
		"https://h.example/a;token=1/b":                 "https://h.example/a",
		"https://h.example/?a%0d=1&<script>=2":          "https://h.example/?*&*",
		"h.example:443":                                 "",
		"https://h\x1b[31m/":                            "",
		"https://[fd00::1]:8443/x":                      "https://[fd00::1]:8443/x",
		"https://h.example:port/":                       "",
		"javascript:alert(1)//://x":                     "",
		"https://h.example/?a=1&a=https://b?c=d":        "https://h.example/?a=*&a=*",
	} {
		if got := withoutValues(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// TestFlow_whatAStrangerSendsIsBounded: texts of any length and any bytes make a small record that the
// oracle reads.
func TestFlow_whatAStrangerSendsIsBounded(t *testing.T) {
	for _, hostile := range []string{strings.Repeat("é", 1<<19), "\xff\xfe\x00", "a b\x1b[2J", strings.Repeat("a.", 1<<19)} {
		f := unanswered(1)
		f.Request.Method, f.Request.URL = hostile, "https://h.example/"+hostile+"?"+strings.Repeat(hostile+"=1&", 20)
		f.AWS.Operation, f.AWS.Region, f.AWS.RequestID, f.AWS.Error = hostile, hostile, hostile, &flow.AWSError{Code: hostile}
		f.Findings = []string{hostile, "dns-failed"}
		f.Conn.Resolution.Name, f.Conn.Authority = hostile, hostile
		f.Conn.TLS = &flow.TLSInfo{Version: "TLS " + hostile, Chain: []flow.Cert{{Issuer: hostile}}}
		for range 1000 {
			f.Conn.Resolution.Addrs = append(f.Conn.Resolution.Addrs, netip.MustParseAddr("10.0.0.1"))
		}
		record := run.Flow(f, hostile)
		if len(record) > 16<<10 {
			t.Errorf("%.10q makes %d bytes", hostile, len(record))
		}
		got := values(t, decodedLogs(t, run, record)[0].Attributes)
		for key, v := range got {
			if s, ok := v.(string); ok && (!utf8.ValidString(s) || len(s) > maxText) {
				t.Errorf("%s has %d bytes", key, len(s))
			}
		}
		if got[attrFinding] != "dns-failed" || got[attrMethod] != nil || got[attrRPCMethod] != nil || got[attrRegion] != nil {
			t.Errorf("the record has %v", got)
		}
		for _, s := range append(run.Connection(f, f.Conn), run.Request(f, hostile)) {
			if len(s) > 16<<10 {
				t.Errorf("%.10q makes a span of %d bytes", hostile, len(s))
			}
			decodedSpans(t, run, s)
		}
	}
}

func TestFinding(t *testing.T) {
	x := Finding{
		Code: "private-endpoint-unreachable", Level: flow.LevelProblem, Confidence: flow.ConfidenceHigh, Meaning: "Private addresses don't respond.",
		State: FindingOpen, At: began, Observed: began.Add(3 * time.Second), Host: "monitoring.eu-west-1.amazonaws.com", Flows: 2, Example: unanswered(1),
	}
	r := decodedLogs(t, run, run.Finding(x))[0]
	want := map[string]any{
		"detour.finding": "private-endpoint-unreachable", "detour.finding.state": "open", "detour.finding.confidence": "high",
		"server.address": "monitoring.eu-west-1.amazonaws.com", "detour.flows": int64(2), "detour.origin": "direct-endpoint",
		"error.type": "connection_timeout", "rpc.system.name": "aws-api", "rpc.method": "CloudWatch/GetMetricData", "cloud.region": "eu-west-1",
		"dns.question.name": "monitoring.eu-west-1.amazonaws.com", "dns.answers": []string{"10.0.1.23"}, "detour.dns.nameserver": "10.0.0.2",
		"detour.dns.scope": "private", "network.peer.address": "10.0.1.23", "network.peer.port": int64(443), "network.local.address": "172.16.8.0",
	}
	if diff := cmp.Diff(want, values(t, r.Attributes)); diff != "" {
		t.Error(diff)
	}
	if r.EventName != EventFinding || r.SeverityNumber != logs.SeverityNumber_SEVERITY_NUMBER_ERROR || r.Body.GetStringValue() != x.Meaning {
		t.Errorf("the record is %v", r)
	}
	if int64(r.TimeUnixNano) != x.At.UnixNano() || int64(r.ObservedTimeUnixNano) != x.Observed.UnixNano() {
		t.Errorf("times %d, %d", r.TimeUnixNano, r.ObservedTimeUnixNano)
	}
	x.State, x.Example = FindingResolved, nil
	r = decodedLogs(t, run, run.Finding(x))[0]
	if got := values(t, r.Attributes); got[attrFindingState] != "resolved" || r.SeverityNumber != logs.SeverityNumber_SEVERITY_NUMBER_INFO {
		t.Errorf("its end is %v", r)
	}
}

func TestSummaries(t *testing.T) {
	var s Summaries
	redacted := 0
	redact := func(f *flow.Flow) *flow.Flow { redacted++; return f }
	for i := range 10 {
		f := unanswered(flow.ID(i + 1)) //nolint:gosec // it is small
		if i >= 4 {
			f.Failure, f.Response = nil, &flow.Response{Status: 200 + 200*(i%2)}
			f.Times.Done = f.Times.Start.Add(time.Duration(i) * time.Millisecond)
		}
		s.Add(f, redact)
	}
	late := unanswered(11)
	late.Times.Done = began.Add(time.Minute)
	s.Add(late, redact)
	if got := s.Until(began.Add(59 * time.Second)); len(got) != 0 {
		t.Errorf("a minute that isn't over has %v", got)
	}
	got := s.Until(began.Add(time.Minute))
	if len(got) != 1 || redacted != 2 {
		t.Fatalf("%d summaries, %d redacted", len(got), redacted)
	}
	r := decodedLogs(t, run, run.Summary(got[0]))[0]
	want := map[string]any{
		"server.address": "monitoring.eu-west-1.amazonaws.com", "server.port": int64(443), "rpc.system.name": "aws-api",
		"rpc.method": "CloudWatch/GetMetricData", "cloud.region": "eu-west-1", "detour.origin": "direct-endpoint",
		"detour.flows": int64(10), "detour.flows.failed": int64(4), "detour.flows.errors": int64(3), "detour.duration.max": 20.0,
		"network.local.address": "172.16.8.0", "detour.dns.nameserver": "10.0.0.2", "detour.dns.scope": "private",
	}
	if diff := cmp.Diff(want, values(t, r.Attributes)); diff != "" || r.EventName != EventSummary {
		t.Errorf("%s %s", r.EventName, diff)
	}
	if int64(r.TimeUnixNano) != began.UnixNano() || len(s.Until(began.Add(time.Hour))) != 1 {
		t.Errorf("the minute is %d", r.TimeUnixNano)
	}
}

func TestSummaries_areBounded(t *testing.T) {
	var s Summaries
	for i := range 2 * maxSummaries {
		f := unanswered(1)
		f.Request.URL = fmt.Sprintf("https://h%d.example/", i)
		s.Add(f, func(f *flow.Flow) *flow.Flow { return f })
	}
	got := s.Until(began.Add(time.Hour))
	rest := values(t, decodedLogs(t, run, run.Summary(got[0]))[0].Attributes)
	want := map[string]any{"detour.flows": int64(maxSummaries), "detour.flows.failed": int64(maxSummaries), "detour.flows.errors": int64(0), "detour.duration.max": 20.0}
	if diff := cmp.Diff(want, rest); diff != "" || len(got) != maxSummaries+1 {
		t.Errorf("%d summaries, and that of the rest is %s", len(got), diff)
	}
}

func TestRejected(t *testing.T) {
	// ExportLogsServiceResponse{partial_success{rejected_log_records: 300, error_message: "late"}}
	b := []byte{0x0a, 0x09, 0x08, 0xac, 0x02, 0x12, 0x04, 'l', 'a', 't', 'e'}
	if n, why, err := Rejected(b); n != 300 || why != "late" || err != nil {
		t.Errorf("%d, %q, %v", n, why, err)
	}
	if n, why, err := Rejected(nil); n != 0 || why != "" || err != nil {
		t.Errorf("an empty response: %d, %q, %v", n, why, err)
	}
	if n, _, err := Rejected([]byte{0x0a, 0x0b, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}); n != 0 || err != nil {
		t.Errorf("a negative number is %d, %v", n, err)
	}
	for i := 1; i < len(b); i++ {
		if _, _, err := Rejected(b[:i]); err == nil {
			t.Errorf("the first %d bytes are a response", i)
		}
	}
	if _, _, err := Rejected([]byte("<html>no</html>")); err == nil {
		t.Error("a page is a response")
	}
}

// TestIDs: they are those of another export of the same run, and no other run's.
func TestIDs(t *testing.T) {
	same, other := New(Resource{Run: "run-1"}), New(Resource{Run: "run-2"})
	f := unanswered(7)
	a, _ := run.trace(f)
	b, _ := same.trace(f)
	c, _ := other.trace(f)
	d, _ := run.trace(unanswered(8))
	if !bytes.Equal(a, b) || bytes.Equal(a, c) || bytes.Equal(a, d) {
		t.Errorf("%x %x %x %x", a, b, c, d)
	}
}

func FuzzRejected(f *testing.F) {
	f.Add([]byte{0x0a, 0x02, 0x08, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, _, _ := Rejected(b); n < 0 {
			t.Errorf("%d were rejected", n)
		}
	})
}

func BenchmarkFlow(b *testing.B) {
	f := unanswered(1)
	n := 0
	for b.Loop() {
		n = len(run.Flow(f, ""))
	}
	b.ReportMetric(float64(n), "bytes/record")
}

// TestSummaries_atTheEnd: what ends after the clock was set back isn't lost, and nothing is observed in the future.
func TestSummaries_atTheEnd(t *testing.T) {
	var s Summaries
	for i := range 2 {
		f := unanswered(1)
		f.Times.Done = began.Add(time.Duration(i) * time.Hour)
		s.Add(f, func(f *flow.Flow) *flow.Flow { return f })
	}
	now := began.Add(10 * time.Second)
	got := s.All(now)
	if len(got) != 2 || len(s.All(now)) != 0 {
		t.Fatalf("%d summaries", len(got))
	}
	for _, x := range got {
		if !x.Observed.Equal(now) {
			t.Errorf("it is observed at %s", x.Observed)
		}
	}
}

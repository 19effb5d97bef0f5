package otlp

import (
	"bytes"
	"encoding/hex"
	"maps"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"detour/internal/flow"
	"detour/internal/fulltest"
)

// values are attributes by name, as Go has them.
func values(t *testing.T, all []*common.KeyValue) map[string]any {
	t.Helper()
	out := make(map[string]any)
	for _, kv := range all {
		if _, twice := out[kv.Key]; twice || kv.Key == "" {
			t.Errorf("the attribute %q is there twice, or has no name", kv.Key)
		}
		out[kv.Key] = value(kv.Value)
	}
	return out
}

func value(v *common.AnyValue) any {
	switch x := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return x.StringValue
	case *common.AnyValue_IntValue:
		return x.IntValue
	case *common.AnyValue_BoolValue:
		return x.BoolValue
	case *common.AnyValue_DoubleValue:
		return x.DoubleValue
	case *common.AnyValue_ArrayValue:
		var out []string
		for _, e := range x.ArrayValue.Values {
			out = append(out, e.GetStringValue())
		}
		return out
	}
	return nil
}

var run = New(Resource{Version: "v1.2.3", Run: "run-1", Installation: "host-1"})

// decodedLogs decodes a request with log records, which has the form of LogsData.
func decodedLogs(t *testing.T, e *Encoder, records ...[]byte) []*logs.LogRecord {
	t.Helper()
	var got logs.LogsData
	if err := proto.Unmarshal(e.Logs(records...), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.ProtoReflect().GetUnknown()) > 0 || len(got.ResourceLogs) != 1 || len(got.ResourceLogs[0].ScopeLogs) != 1 {
		t.Fatalf("the request is %v", &got)
	}
	r, s := got.ResourceLogs[0], got.ResourceLogs[0].ScopeLogs[0]
	want := map[string]any{"service.name": "detour", "service.version": "v1.2.3", "service.instance.id": "run-1", "host.id": "host-1"}
	if diff := cmp.Diff(want, values(t, r.Resource.Attributes)); diff != "" {
		t.Errorf("resource: %s", diff)
	}
	if r.SchemaUrl != schema || s.SchemaUrl != schema || s.Scope.Name != "detour" || s.Scope.Version != "v1.2.3" {
		t.Errorf("schemas %q %q, scope %v", r.SchemaUrl, s.SchemaUrl, s.Scope)
	}
	return s.LogRecords
}

// decodedSpans is decodedLogs for spans.
func decodedSpans(t *testing.T, e *Encoder, spans ...[]byte) []*trace.Span {
	t.Helper()
	var got trace.TracesData
	if err := proto.Unmarshal(e.Traces(spans...), &got); err != nil {
		t.Fatal(err)
	}
	out := got.ResourceSpans[0].ScopeSpans[0].Spans
	if len(out) != len(spans) {
		t.Fatalf("%d of %d spans", len(out), len(spans))
	}
	return out
}

// expected are the attributes of a flow's log record, by another way than the encoder's.
func expected(f *flow.Flow, step string) map[string]any {
	want := make(map[string]any)
	set := func(key string, v any, known bool) {
		if known {
			want[key] = v
		}
	}
	u, err := url.Parse(f.Request.URL)
	if err == nil && u.Scheme != "" && u.Opaque == "" {
		q := u.Query()
		shown := u.Scheme + "://" + u.Host + u.EscapedPath()
		var parts []string
		for part := range strings.SplitSeq(u.RawQuery, "&") {
			if name, _, ok := strings.Cut(part, "="); ok && q.Has(name) {
				parts = append(parts, name+"=*")
			}
		}
		if len(parts) > 0 {
			shown += "?" + strings.Join(parts, "&")
		}
		want["url.full"], want["server.address"], want["server.port"] = shown, u.Hostname(), int64(443)
	} else {
		host, _, _ := strings.Cut(f.Request.URL, ":")
		want["server.address"], want["server.port"] = host, int64(443)
	}
	want["http.request.method"], want["detour.origin"] = f.Request.Method, string(f.Origin)
	want["detour.duration"] = f.Times.Done.Sub(f.Times.Start).Seconds()
	set("detour.step", step, step != "")
	set("detour.finding", strings.Join(f.Findings, ","), len(f.Findings) > 0)
	if a := f.AWS; a != nil {
		set("rpc.system.name", "aws-api", true)
		set("rpc.method", a.ServiceName+"/"+a.Operation, a.Operation != "")
		set("cloud.region", a.Region, a.Region != "")
		set("aws.request_id", a.RequestID, a.RequestID != "")
		set("detour.endpoint_service", a.EndpointService, a.EndpointService != "")
		if a.Error != nil {
			want["rpc.response.status_code"] = a.Error.Code
		}
	}
	if r := f.Response; r != nil {
		want["http.response.status_code"] = int64(r.Status)
		want["network.protocol.name"] = "http"
		want["network.protocol.version"] = map[string]string{"HTTP/2.0": "2", "HTTP/1.1": "1.1", "HTTP/1.0": "1.0"}[r.Proto]
		set("error.type", map[int]string{403: "403", 503: "503"}[r.Status], r.Status >= 400)
	}
	expectFailure(f, set)
	expectConn(f.Conn, set)
	return want
}

func expectFailure(f *flow.Flow, set func(string, any, bool)) {
	if f.Failure == nil {
		return
	}
	c := f.Conn
	switch f.Failure.Stage { //nolint:exhaustive // random flows have no other
	case flow.StageDNS:
		word := "dns_error"
		if c.Resolution.Outcome == flow.DNSTimeout {
			word = "dns_timeout"
		}
		set("error.type", word, true)
	case flow.StageDial:
		set("error.type", map[flow.DialOutcome]string{
			flow.DialTimeout: "connection_timeout", flow.DialRefused: "connection_refused", flow.DialUnreachable: "destination_ip_unroutable",
		}[c.Attempts[0].Outcome], true)
	case flow.StageTLS:
		set("error.type", map[flow.TLSOutcome]string{
			flow.TLSUntrusted: "tls_certificate_error", flow.TLSTimeout: "connection_read_timeout", flow.TLSAlert: "tls_alert_received",
			flow.TLSReset: "tls_protocol_error",
		}[c.TLS.Outcome], true)
	case flow.StageWait:
		set("error.type", "connection_terminated", true)
	}
}

func expectConn(c *flow.Conn, set func(string, any, bool)) {
	if c == nil {
		return
	}
	r := c.Resolution
	set("dns.question.name", r.Name, true)
	var answers []string
	for _, a := range r.Addrs {
		answers = append(answers, a.String())
	}
	set("dns.answers", answers[:min(len(answers), 16)], len(answers) > 0)
	set("detour.dns.scope", "private", len(answers) > 0)
	set("detour.dns.nameserver", r.Nameserver.Addr().String(), r.Nameserver.Port() == 53)
	set("detour.dns.nameserver", r.Nameserver.String(), r.Nameserver.Port() != 53)
	if len(c.Attempts) == 0 {
		return
	}
	last := c.Attempts[len(c.Attempts)-1]
	set("network.peer.address", last.Addr.Addr().String(), true)
	set("network.peer.port", int64(443), true)
	local := map[string]string{"172.16.8.5": "172.16.8.0", "2400:cb00:12:34::5": "2400:cb00:12::", "127.0.0.1": ""}[last.Local.Addr().String()]
	set("network.local.address", local, local != "")
	most := -1
	for _, a := range c.Attempts {
		if a.Kernel != nil {
			most = max(most, a.Kernel.SYNRetransmits)
		}
	}
	set("detour.syn_retransmits", int64(most), most >= 0)
	if t := c.TLS; t != nil {
		set("tls.established", t.Outcome == flow.TLSOK, true)
		set("tls.protocol.version", "1.3", t.Version != "")
		set("tls.server.issuer", "CN=Amazon RSA 2048 M02", len(t.Chain) > 0)
	}
}

// TestFlow_theOracleReadsWhatWasWritten: each attribute of random flows, as another implementation of the
// protocol decodes it.
func TestFlow_theOracleReadsWhatWasWritten(t *testing.T) {
	n := fulltest.Or(1000, 10_000)
	rnd := rand.New(rand.NewPCG(1, 2))
	seen := make(map[string]int)
	for i := range n {
		f := randomFlow(rnd, flow.ID(i+1)) //nolint:gosec // it is small
		step := pick(rnd, "", "open the alarms")
		got := decodedLogs(t, run, run.Flow(f, step))
		if len(got) != 1 || len(got[0].ProtoReflect().GetUnknown()) > 0 {
			t.Fatalf("record %v", got)
		}
		r := got[0]
		attributes := values(t, r.Attributes)
		if diff := cmp.Diff(expected(f, step), attributes); diff != "" {
			t.Fatalf("flow %d (%s %s): %s", i, f.Request.Method, f.Request.URL, diff)
		}
		for key := range attributes {
			seen[key]++
		}
		severity := logs.SeverityNumber_SEVERITY_NUMBER_INFO
		if attributes["error.type"] != nil {
			severity = logs.SeverityNumber_SEVERITY_NUMBER_WARN
		}
		if r.SeverityNumber != severity || r.SeverityText != strings.TrimPrefix(severity.String(), "SEVERITY_NUMBER_") || r.EventName != EventFlow {
			t.Fatalf("severity %v %s, event %s", r.SeverityNumber, r.SeverityText, r.EventName)
		}
		if int64(r.TimeUnixNano) != f.Times.Start.UnixNano() || int64(r.ObservedTimeUnixNano) != f.Times.Done.UnixNano() {
			t.Fatalf("times %d %d of a flow %v", r.TimeUnixNano, r.ObservedTimeUnixNano, f.Times)
		}
		if i%10 == 0 {
			checkSpans(t, f, r, attributes)
		}
	}
	for _, key := range allAttributes() {
		if seen[key] == 0 {
			t.Errorf("no flow has %s", key)
		}
	}
}

// allAttributes are those that a flow can have.
func allAttributes() []string {
	return []string{
		attrMethod, attrStatus, attrURL, attrServer, attrServerPort, attrErrorType, attrPeer, attrPeerPort, attrLocal, attrProtocol,
		attrProtocolVersion, attrRPCSystem, attrRPCMethod, attrRPCStatus, attrRegion, attrRequestID, attrQuestion, attrAnswers,
		attrTLSVersion, attrTLSEstablished, attrTLSIssuer, attrOrigin, attrNameserver, attrScope, attrSYNs, attrFinding,
		attrEndpointService, attrStep, attrDuration,
	}
}

// checkSpans compares a flow's spans with its log record.
func checkSpans(t *testing.T, f *flow.Flow, of *logs.LogRecord, attributes map[string]any) {
	t.Helper()
	got := decodedSpans(t, run, run.Request(f, ""))[0]
	if !bytes.Equal(got.TraceId, of.TraceId) || !bytes.Equal(got.SpanId, of.SpanId) || len(got.TraceId) != 16 || len(got.SpanId) != 8 {
		t.Fatalf("the span is %x/%x, the record's %x/%x", got.TraceId, got.SpanId, of.TraceId, of.SpanId)
	}
	want := maps.Clone(attributes)
	maps.DeleteFunc(want, func(key string, _ any) bool {
		return strings.HasPrefix(key, "dns.") || strings.HasPrefix(key, "tls.") || strings.HasPrefix(key, "detour.dns") ||
			slices.Contains([]string{attrSYNs, attrStep, attrDuration}, key)
	})
	if diff := cmp.Diff(want, values(t, got.Attributes)); diff != "" {
		t.Fatalf("span: %s", diff)
	}
	failed := got.GetStatus().GetCode() == trace.Status_STATUS_CODE_ERROR
	if got.Kind != trace.Span_SPAN_KIND_CLIENT || failed != (attributes["error.type"] != nil) {
		t.Fatalf("span %v", got)
	}
	if f.Conn == nil {
		if len(got.Links) > 0 {
			t.Fatal("a link to no connection")
		}
		return
	}
	parts := decodedSpans(t, run, run.Connection(f, f.Conn)...)
	if len(got.Links) != 1 || !bytes.Equal(got.Links[0].TraceId, parts[0].TraceId) || !bytes.Equal(got.Links[0].SpanId, parts[0].SpanId) {
		t.Fatalf("the link %v isn't to %v", got.Links, parts[0])
	}
	checkParts(t, f, parts)
}

// checkParts checks the spans of a connection: names, who belongs to whom, and that the whole has all of it.
func checkParts(t *testing.T, f *flow.Flow, parts []*trace.Span) {
	t.Helper()
	want := []string{"HTTP connection_setup", "DNS lookup"}
	for range f.Conn.Attempts {
		want = append(want, "socket connect")
	}
	if f.Conn.TLS != nil {
		want = append(want, "TLS handshake")
	}
	var names []string
	ids := make(map[string]bool)
	for i, s := range parts {
		names = append(names, s.Name)
		ids[hex.EncodeToString(s.SpanId)] = true
		switch {
		case s.Kind != trace.Span_SPAN_KIND_INTERNAL || !bytes.Equal(s.TraceId, parts[0].TraceId):
			t.Errorf("part %v", s)
		case i == 0 && len(s.ParentSpanId) > 0, i > 0 && !bytes.Equal(s.ParentSpanId, parts[0].SpanId):
			t.Errorf("the parent of %s is %x", s.Name, s.ParentSpanId)
		case s.StartTimeUnixNano < parts[0].StartTimeUnixNano || s.EndTimeUnixNano > parts[0].EndTimeUnixNano || s.StartTimeUnixNano > s.EndTimeUnixNano:
			t.Errorf("%s is from %d to %d, the whole from %d to %d", s.Name, s.StartTimeUnixNano, s.EndTimeUnixNano,
				parts[0].StartTimeUnixNano, parts[0].EndTimeUnixNano)
		}
		if s.Name == "socket connect" {
			a := f.Conn.Attempts[i-2]
			if got := values(t, s.Attributes)[attrPeer]; got != a.Addr.Addr().String() {
				t.Errorf("the connect to %s is that to %s", a.Addr, got)
			}
		}
	}
	if diff := cmp.Diff(want, names); diff != "" || len(ids) != len(parts) {
		t.Errorf("%d IDs; %s", len(ids), diff)
	}
	ok := parts[0].GetStatus().GetCode() != trace.Status_STATUS_CODE_ERROR
	if whole := f.Conn.TLS != nil && f.Conn.TLS.Outcome == flow.TLSOK; ok != whole {
		t.Errorf("the connection succeeded: %v, and the span says %v", whole, ok)
	}
}

func pick[T any](rnd *rand.Rand, of ...T) T { return of[rnd.IntN(len(of))] }

// randomFlow is a flow that is final, with any of the outcomes.
func randomFlow(rnd *rand.Rand, id flow.ID) *flow.Flow {
	start := time.Unix(1_790_000_000, rnd.Int64N(1e15)).UTC()
	took := time.Duration(1 + rnd.Int64N(int64(2*time.Minute)))
	f := &flow.Flow{
		ID: id, Rev: 1, Source: flow.SourceProxy, State: flow.StateDone, Origin: pick(rnd, flow.OriginDirect, flow.OriginConsole, flow.OriginStatic),
		Times: flow.Times{Start: start, Done: start.Add(took)},
		Request: flow.Request{
			Method: pick(rnd, "GET", "POST", "OPTIONS", "PUT"),
			URL: pick(rnd, "https://monitoring.eu-west-1.amazonaws.com/", "https://logs.us-east-1.amazonaws.com/a/b%20c?x=1&y=2&x=3",
				"https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home?region=ap-northeast-1#alarms:", "https://[fd00::1]/x", "sts.amazonaws.com:443"),
		},
	}
	if rnd.IntN(3) > 0 {
		f.AWS = &flow.AWS{
			Partition: "aws", Service: "monitoring", ServiceName: pick(rnd, "CloudWatch", "Route 53"), Operation: pick(rnd, "GetMetricData", ""),
			Region: pick(rnd, "eu-west-1", ""), RequestID: pick(rnd, "2e9c1f4a-0000-4000-8000-000000000000", ""),
			EndpointService: pick(rnd, "com.amazonaws.eu-west-1.monitoring", ""),
		}
	}
	f.Findings = pick(rnd, nil, []string{"dns-failed"}, []string{"dns-failed", "slow-responses"})
	if rnd.IntN(10) > 0 {
		f.Conn = randomConn(rnd, flow.ID(1+rnd.IntN(100)), start, took)
	}
	randomEnd(rnd, f)
	return f
}

// randomEnd gives a flow a response, or the failure of its connection.
func randomEnd(rnd *rand.Rand, f *flow.Flow) {
	c := f.Conn
	switch {
	case c != nil && c.Resolution.Outcome != flow.DNSOK:
		f.Failure = &flow.Failure{Stage: flow.StageDNS}
	case c != nil && c.Winner() == nil:
		f.Failure = &flow.Failure{Stage: flow.StageDial}
	case c != nil && c.TLS.Outcome != flow.TLSOK:
		f.Failure = &flow.Failure{Stage: flow.StageTLS}
	case c != nil && rnd.IntN(8) == 0:
		f.Failure = &flow.Failure{Stage: flow.StageWait, Message: "EOF"}
	default:
		f.Response = &flow.Response{Status: pick(rnd, 200, 204, 304, 403, 503), Proto: pick(rnd, "HTTP/2.0", "HTTP/1.1", "HTTP/1.0")}
		if f.Response.Status == 403 && f.AWS != nil {
			f.AWS.Error = &flow.AWSError{Code: "AccessDeniedException", Message: "User: me is not authorized"}
		}
	}
}

// randomConn is a connection that ends within a time.
func randomConn(rnd *rand.Rand, id flow.ID, start time.Time, all time.Duration) *flow.Conn {
	part := all / 8
	c := &flow.Conn{ID: id, Authority: "monitoring.eu-west-1.amazonaws.com:443", Start: start}
	r := &flow.Resolution{
		Name: "monitoring.eu-west-1.amazonaws.com", Source: flow.SourceDNS, Start: start, Took: part,
		Outcome:    pick(rnd, flow.DNSOK, flow.DNSOK, flow.DNSOK, flow.DNSOK, flow.DNSNXDomain, flow.DNSTimeout, flow.DNSServFail),
		Nameserver: netip.MustParseAddrPort(pick(rnd, "10.0.0.2:53", "127.0.0.1:5353", "[fd00::2]:53")),
	}
	if c.Resolution = r; r.Outcome != flow.DNSOK {
		return c
	}
	for i := range 1 + rnd.IntN(20) {
		r.Addrs = append(r.Addrs, netip.AddrFrom4([4]byte{10, 0, 1, byte(i)}))
	}
	outcome := pick(rnd, flow.DialConnected, flow.DialConnected, flow.DialConnected, flow.DialTimeout, flow.DialRefused, flow.DialUnreachable)
	for i := range 1 + rnd.IntN(3) {
		a := flow.DialAttempt{
			Addr: netip.AddrPortFrom(r.Addrs[i%len(r.Addrs)], 443), Outcome: outcome, Start: start.Add(part), Took: part,
			Local: netip.AddrPortFrom(netip.MustParseAddr(pick(rnd, "172.16.8.5", "2400:cb00:12:34::5", "127.0.0.1")), 50000), Err: "i/o timeout",
		}
		if rnd.IntN(2) == 0 {
			a.Kernel = &flow.KernelTCP{SYNRetransmits: rnd.IntN(7)}
		}
		if c.Attempts = append(c.Attempts, a); outcome == flow.DialConnected {
			break
		}
	}
	if outcome == flow.DialConnected {
		c.TLS = &flow.TLSInfo{
			Outcome:    pick(rnd, flow.TLSOK, flow.TLSOK, flow.TLSOK, flow.TLSUntrusted, flow.TLSAlert, flow.TLSTimeout, flow.TLSReset),
			ServerName: "monitoring.eu-west-1.amazonaws.com", Start: start.Add(2 * part), Took: part,
		}
		if c.TLS.Outcome == flow.TLSOK || c.TLS.Outcome == flow.TLSUntrusted {
			c.TLS.Version, c.TLS.Chain = "TLS 1.3", []flow.Cert{{Subject: "CN=x", Issuer: "CN=Amazon RSA 2048 M02"}}
		}
	}
	return c
}

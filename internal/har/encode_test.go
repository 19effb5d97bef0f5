package har

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

var t0 = time.Date(2026, 11, 20, 10, 28, 0, 123456000, time.UTC)

func after(ms int) time.Time { return t0.Add(time.Duration(ms) * time.Millisecond) }

func addr(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

const console = "https://ap-northeast-1.console.aws.amazon.com/ec2/home"

// story is the capture of the story: a page, a call that is relayed, one that is
// stuck, a tunnel, a WebSocket, and an answer that broke off.
func story() *flow.Capture {
	const host = "monitoring.ap-northeast-1.amazonaws.com"
	up := &flow.Conn{
		ID: 1, Authority: "ap-northeast-1.console.aws.amazon.com:443", Start: t0,
		Resolution: &flow.Resolution{Name: "ap-northeast-1.console.aws.amazon.com", Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: addr("10.0.0.2:53"), Addrs: []netip.Addr{netip.MustParseAddr("203.0.113.10")}, TTL: time.Minute, Start: t0, Took: 14 * time.Millisecond},
		Attempts:   []flow.DialAttempt{{Addr: addr("[2001:db8::1]:443"), Outcome: flow.DialLost, Start: after(14), Took: 300 * time.Millisecond}, {Addr: addr("203.0.113.10:443"), Outcome: flow.DialConnected, Start: after(264), Took: 21 * time.Millisecond}},
		TLS:        &flow.TLSInfo{Outcome: flow.TLSOK, ServerName: "ap-northeast-1.console.aws.amazon.com", Version: "TLS 1.3", ALPN: "h2", Start: after(285), Took: 20 * time.Millisecond},
	}
	stuck := &flow.Conn{
		ID: 2, Authority: host + ":443", Start: after(1000),
		Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: addr("10.0.0.2:53"), Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23"), netip.MustParseAddr("10.0.2.23")}, Start: after(1000), Took: 2 * time.Millisecond},
		Attempts: []flow.DialAttempt{
			{Addr: addr("10.0.1.23:443"), Outcome: flow.DialTimeout, Start: after(1002), Took: 21 * time.Second, Local: addr("172.16.8.5:50312"), Interface: "tun0", Kernel: &flow.KernelTCP{SYNRetransmits: 4, State: "SYN-SENT"}},
			{Addr: addr("10.0.2.23:443"), Outcome: flow.DialTimeout, Start: after(1252), Took: 21 * time.Second},
		},
	}
	page := &flow.Flow{
		ID: 3, Rev: 4, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginConsole, Why: []flow.Evidence{flow.EvidenceHost},
		Request: flow.Request{Method: "GET", URL: console, Proto: "HTTP/2.0", Headers: []flow.Header{{Name: "cookie", Value: "aws-creds=‹cookie·1›; noflush=1"}}},
		Response: &flow.Response{Status: 302, Proto: "HTTP/2.0", BodySize: 5, Body: []byte("\xff\x00abc"), Headers: []flow.Header{
			{Name: "content-type", Value: "text/html"},
			{Name: "location", Value: "/ec2/home?region=ap-northeast-1"},
			{Name: "set-cookie", Value: "a=‹cookie·2›; Path=/; Domain=.aws.amazon.com; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; Secure; SameSite=None"},
		}},
		Conn: up, Times: flow.Times{Start: t0, GotConn: after(306), WroteRequest: after(307), FirstByte: after(387), Done: after(390)},
	}
	call := &flow.Flow{
		ID: 5, Rev: 9, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginDirect, Why: []flow.Evidence{flow.EvidenceSigV4Header, flow.EvidenceOrigin},
		AWS:  &flow.AWS{Partition: "aws", Region: "ap-northeast-1", Service: "monitoring", ServiceName: "CloudWatch", Operation: "GetMetricData", DecodedBy: "x-amz-target"},
		Page: console,
		Request: flow.Request{
			Method: "POST", URL: "https://" + host + "/?b=2&a=%201&x", Proto: "HTTP/2.0", BodySize: 812, Body: []byte(`{"MetricDataQueries":[]}`), BodyTruncated: true,
			Headers: []flow.Header{{Name: "content-type", Value: "application/x-amz-json-1.1"}, {Name: "referer", Value: "https://ap-northeast-1.console.aws.amazon.com/"}},
		},
		Failure: &flow.Failure{Stage: flow.StageDial, Message: "connect: 10.0.2.23:443: no response for 21 s"}, Conn: stuck,
		Times: flow.Times{Start: after(999), Done: after(22253)}, Note: "the widget says: failed to fetch", Marked: true, Findings: []string{"private-endpoint-unreachable"},
	}
	tunnel := &flow.Flow{
		ID: 6, Rev: 3, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginOther, Request: flow.Request{Method: "CONNECT", URL: "updates.example:443", Proto: "HTTP/1.1"},
		Response: &flow.Response{Status: 200, Proto: "HTTP/1.1"}, Conn: &flow.Conn{ID: 4, Authority: "updates.example:443", Start: after(2000), Attempts: []flow.DialAttempt{{Addr: addr("198.51.100.7:443"), Outcome: flow.DialConnected, Start: after(2000), Took: time.Millisecond}}},
		Tunnel: &flow.Tunnel{Sent: 517, Received: 4096, ServerName: "updates.example", Protocols: []string{"h2"}, ClosedBy: flow.SideServer},
		Times:  flow.Times{Start: after(2000), GotConn: after(2001), Done: after(5000)},
	}
	socket := &flow.Flow{
		ID: 7, Rev: 6, Source: flow.SourceProxy, State: flow.StateReceiving, Origin: flow.OriginConsole, Page: console,
		Request: flow.Request{Method: "GET", URL: "wss://ap-northeast-1.console.aws.amazon.com/live", Proto: "HTTP/1.1"}, Response: &flow.Response{Status: 101, Proto: "HTTP/1.1"},
		Conn: up, Reused: true, Messages: &flow.Messages{Sent: flow.MessageCount{Count: 2, Bytes: 40}, Received: flow.MessageCount{Count: 9, Bytes: 900}},
		Times: flow.Times{Start: after(3000), GotConn: after(3000), WroteRequest: after(3000), FirstByte: after(3100)},
	}
	broken := &flow.Flow{
		ID: 9, Rev: 7, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginStatic, Page: console,
		Request:  flow.Request{Method: "GET", URL: "https://a.b.cdn.console.awsstatic.com/x.js", Proto: "HTTP/2.0"},
		Response: &flow.Response{Status: 200, Proto: "HTTP/2.0", BodySize: 100, Headers: []flow.Header{}}, Failure: &flow.Failure{Stage: flow.StageReceive, Message: "read: connection reset by peer", Reset: true},
		Conn: up, Reused: true, Times: flow.Times{Start: after(4000), GotConn: after(4000), WroteRequest: after(4001), FirstByte: after(4100), Done: after(4200)},
	}
	return &flow.Capture{
		Environment: &flow.Environment{Detour: "1.0", OS: "linux", Arch: "amd64", Began: t0, Interfaces: []flow.Interface{{Name: "tun0", Kind: flow.KindTunnel, Addresses: []string{"172.16.8.5/24"}}}, Browser: "Chromium 156.0"},
		Flows:       []*flow.Flow{page, call, tunnel, socket, broken},
		Findings:    []flow.Finding{{Code: "private-endpoint-unreachable", Level: flow.LevelProblem, Title: "calls to CloudWatch can't connect", Because: []string{"a"}, Hosts: []string{host}, Flows: []flow.ID{5}, Confidence: flow.ConfidenceHigh}},
		Steps:       []flow.Step{{At: after(900), Text: "open the alarms"}},
		Redacted:    map[string]int{"cookie": 3}, Omitted: flow.Omitted{Flows: 2},
	}
}

func encode(tb testing.TB, c *flow.Capture) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := Encode(&b, c); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// entries of an encoded capture, as anybody reads them.
func entries(tb testing.TB, file []byte) (out []outEntry, pages []page) {
	tb.Helper()
	var root struct {
		Log struct {
			Pages   []page
			Entries []outEntry
		}
	}
	if err := json.Unmarshal(file, &root); err != nil {
		tb.Fatal(err)
	}
	return root.Log.Entries, root.Log.Pages
}

func TestEncode_isHAR12(t *testing.T) {
	for name, c := range map[string]*flow.Capture{
		"the story":       story(),
		"nothing":         {},
		"a flow of nulls": {Flows: []*flow.Flow{{ID: 1}}, RawSecrets: true},
	} {
		if wrong := violations(t, encode(t, c)); wrong != nil {
			t.Errorf("%s:\n%s", name, strings.Join(wrong, "\n"))
		}
	}
	if violations(t, []byte(`{"log":{"version":1,"entries":[{"time":-1,"startedDateTime":"today"}]}}`)) == nil {
		t.Error("the check sees nothing")
	}
}

func TestEncode_aFailedConnectSaysWhereItWasTried(t *testing.T) {
	e, _ := entries(t, encode(t, story()))
	stuck := e[1]
	if stuck.Response.Status != 0 || stuck.Response.Error != "net::ERR_CONNECTION_TIMED_OUT" || stuck.ServerIP != "10.0.2.23" || stuck.Connection != "2" {
		t.Errorf("response %+v from %q over %q", stuck.Response, stuck.ServerIP, stuck.Connection)
	}
	if tm := stuck.Timings; tm.DNS != 2 || tm.Connect != 21250 || tm.SSL != -1 || tm.Blocked != 2 || tm.Send != 0 || tm.Wait != 0 || tm.Receive != 0 || stuck.Time != 21254 {
		t.Errorf("timings %+v, time %v", tm, stuck.Time)
	}
	if stuck.Comment != "the widget says: failed to fetch" || len(stuck.Request.Query) != 3 || stuck.Request.Query[1] != (pair{"a", " 1"}) || stuck.Request.PostData.Text != `{"MetricDataQueries":[]}` {
		t.Errorf("entry %+v", stuck)
	}
}

func TestEncode_anAnswerHasItsParts(t *testing.T) {
	e, pages := entries(t, encode(t, story()))
	first := e[0]
	if first.ServerIP != "203.0.113.10" || first.Timings != (outTimings{1, 14, 291, 20, 1, 80, 3}) || first.Time != 390 || first.Started != "2026-11-20T10:28:00.123456Z" {
		t.Errorf("%v from %s in %v: %+v", first.Started, first.ServerIP, first.Time, first.Timings)
	}
	if r := first.Response; r.RedirectURL != "/ec2/home?region=ap-northeast-1" || r.Content.Encoding != "base64" || r.Content.Size != 5 || len(r.Cookies) != 1 || r.Cookies[0] != (cookie{"a", "‹cookie·2›", "/", ".aws.amazon.com", "2026-10-21T07:28:00Z", true, true}) {
		t.Errorf("response %+v", r)
	}
	if c := first.Request.Cookies; len(c) != 2 || c[0].Name != "aws-creds" || c[1].Value != "1" {
		t.Errorf("cookies %+v", c)
	}
	if len(pages) != 1 || pages[0].Title != console || pages[0].Started != first.Started || pages[0].Timings != (pageTimings{-1, -1}) || first.Page != pages[0].ID || e[1].Page != pages[0].ID || e[2].Page != "" {
		t.Errorf("pages %+v, of entries %q, %q, %q", pages, first.Page, e[1].Page, e[2].Page)
	}
	if tunnel, socket := e[2], e[3]; tunnel.Request.URL != "https://updates.example:443" || socket.Resource != "websocket" {
		t.Errorf("tunnel %+v, socket %+v", tunnel.Request, socket)
	}
	if r := e[4].Response; r.Status != 200 || r.Error != "net::ERR_CONNECTION_RESET" {
		t.Errorf("an answer that broke off: %+v", r)
	}
}

func TestEncode_nothingIsWrittenTwice(t *testing.T) {
	var root struct {
		Log struct {
			Entries []struct {
				Rest map[string]json.RawMessage `json:"_detour"`
			}
		}
	}
	if err := json.Unmarshal(encode(t, story()), &root); err != nil {
		t.Fatal(err)
	}
	for _, e := range root.Log.Entries {
		for _, name := range []string{"request", "response", "timings", "note", "started"} {
			if e.Rest[name] != nil {
				t.Errorf("_detour has %s: %s", name, e.Rest[name])
			}
		}
		if e.Rest["connection"] == nil || e.Rest["origin"] == nil {
			t.Errorf("_detour has no connection: %v", e.Rest)
		}
	}
}

func TestEncode_everyFailureHasANameThatIsReadAsItsStage(t *testing.T) {
	for _, f := range []flow.Flow{
		{Failure: &flow.Failure{Stage: flow.StageDNS}, Conn: &flow.Conn{Resolution: &flow.Resolution{Outcome: flow.DNSNXDomain}}},
		{Failure: &flow.Failure{Stage: flow.StageDNS}, Conn: &flow.Conn{Resolution: &flow.Resolution{Outcome: flow.DNSTimeout}}},
		{Failure: &flow.Failure{Stage: flow.StageDNS}, Conn: &flow.Conn{Resolution: &flow.Resolution{Outcome: flow.DNSServFail}}},
		{Failure: &flow.Failure{Stage: flow.StageDNS}},
		{Failure: &flow.Failure{Stage: flow.StageDial}, Conn: &flow.Conn{Attempts: []flow.DialAttempt{{Outcome: flow.DialTimeout}, {Outcome: flow.DialCanceled}}}},
		{Failure: &flow.Failure{Stage: flow.StageDial}, Conn: &flow.Conn{Attempts: []flow.DialAttempt{{Outcome: flow.DialRefused}}}},
		{Failure: &flow.Failure{Stage: flow.StageDial}, Conn: &flow.Conn{Attempts: []flow.DialAttempt{{Outcome: flow.DialUnreachable}}}},
		{Failure: &flow.Failure{Stage: flow.StageDial}, Conn: &flow.Conn{Attempts: []flow.DialAttempt{{Outcome: flow.DialError}}}},
		{Failure: &flow.Failure{Stage: flow.StageDial}},
		{Failure: &flow.Failure{Stage: flow.StageTLS}, Conn: &flow.Conn{TLS: &flow.TLSInfo{Outcome: flow.TLSUntrusted}}},
		{Failure: &flow.Failure{Stage: flow.StageTLS}, Conn: &flow.Conn{TLS: &flow.TLSInfo{Outcome: flow.TLSExpired}}},
		{Failure: &flow.Failure{Stage: flow.StageTLS}, Conn: &flow.Conn{TLS: &flow.TLSInfo{Outcome: flow.TLSNameMismatch}}},
		{Failure: &flow.Failure{Stage: flow.StageTLS}, Conn: &flow.Conn{TLS: &flow.TLSInfo{Outcome: flow.TLSAlert}}},
		{Failure: &flow.Failure{Stage: flow.StageTLS}},
		{Failure: &flow.Failure{Stage: flow.StageUpstreamProxy}},
		{Failure: &flow.Failure{Stage: flow.StageUpstreamProxy}, Conn: &flow.Conn{Via: &flow.Via{Status: 407}}},
		{Failure: &flow.Failure{Stage: flow.StageWait}},
		{Failure: &flow.Failure{Stage: flow.StageWait, Message: "connection reset by peer", Reset: true}},
		{Failure: &flow.Failure{Stage: flow.StageClient}},
		{Failure: &flow.Failure{Stage: flow.StageClient, Message: "net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS"}},
	} {
		if name := netError(&f); newDictionary().in(name).stage != f.Failure.Stage {
			t.Errorf("%+v of %+v is written as %s, which is read as %s", f.Failure, f.Conn, name, newDictionary().in(name).stage)
		}
	}
}

func TestEncode_anErrorOfTheWriterIsGiven(t *testing.T) {
	full := errors.New("disk full")
	if err := Encode(failing{full}, story()); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func BenchmarkEncode(b *testing.B) {
	c := story()
	b.SetBytes(int64(len(encode(b, c))))
	for b.Loop() {
		if err := Encode(io.Discard, c); err != nil {
			b.Fatal(err)
		}
	}
}

package intake

import (
	"net/netip"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"detour/internal/capture"
	"detour/internal/capture/disk"
	"detour/internal/flow"
)

// exchange are the revisions of a call of the console, as the proxy has them.
func exchange(id flow.ID) []flow.Flow {
	addr := netip.MustParseAddrPort("10.0.1.23:443")
	conn := &flow.Conn{
		ID: 7, Authority: "monitoring.ap-northeast-1.amazonaws.com:443",
		Resolution: &flow.Resolution{
			Name: "monitoring.ap-northeast-1.amazonaws.com", Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: netip.MustParseAddrPort("10.0.0.2:53"),
			CNAMEs: []string{"vpce-0abc-def.monitoring.ap-northeast-1.vpce.amazonaws.com"}, Addrs: []netip.Addr{addr.Addr()},
			Queries: []flow.DNSQuery{{Server: netip.MustParseAddrPort("10.0.0.2:53"), Proto: "udp", Name: "monitoring.ap-northeast-1.amazonaws.com", Type: "A", RCode: "NOERROR"}},
		},
		Attempts: []flow.DialAttempt{{Addr: addr, Outcome: flow.DialConnected, Local: netip.MustParseAddrPort("172.16.8.5:50312"), Interface: "tun0", Took: time.Millisecond}},
		TLS: &flow.TLSInfo{Outcome: flow.TLSOK, ServerName: "monitoring.ap-northeast-1.amazonaws.com", Version: "TLS 1.3", ALPN: "h2", Chain: []flow.Cert{
			{Subject: "CN=monitoring.ap-northeast-1.amazonaws.com", Issuer: "CN=Amazon RSA 2048 M02,O=Amazon,C=US", Names: []string{"monitoring.ap-northeast-1.amazonaws.com"}, SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
			{Subject: "CN=Amazon RSA 2048 M02,O=Amazon,C=US", Issuer: "CN=Amazon Root CA 1,O=Amazon,C=US", SHA256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"},
		}},
	}
	f := flow.Flow{
		ID: id, Rev: 1, Source: flow.SourceProxy, State: flow.StateWaiting, Conn: conn,
		Request: flow.Request{
			Method: "POST", URL: "https://monitoring.ap-northeast-1.amazonaws.com/", Proto: "HTTP/2.0",
			Headers: []flow.Header{
				{Name: "Host", Value: "monitoring.ap-northeast-1.amazonaws.com"},
				{Name: "X-Amz-Target", Value: "GraniteServiceVersion20100801.GetMetricData"},
				{Name: "Authorization", Value: "AWS4-HMAC-SHA256 Credential=ASIAABCDEFGHIJKLMNOP/20261123/ap-northeast-1/monitoring/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"},
				{Name: "User-Agent", Value: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"},
				{Name: "Origin", Value: "https://ap-northeast-1.console.aws.amazon.com"},
				{Name: "Referer", Value: "https://ap-northeast-1.console.aws.amazon.com/"},
			},
		},
	}
	answered := f
	answered.Rev, answered.State = 2, flow.StateReceiving
	answered.Response = &flow.Response{Status: 200, Proto: "HTTP/2.0", Headers: []flow.Header{
		{Name: "Content-Type", Value: "application/x-amz-json-1.0"}, {Name: "Date", Value: "Mon, 23 Nov 2026 10:28:00 GMT"}, {Name: "X-Amzn-Requestid", Value: "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE"},
	}}
	done := answered
	done.Rev, done.State = 3, flow.StateDone
	return []flow.Flow{f, answered, done}
}

// BenchmarkStore_put is the cost of a call with three revisions, from the proxy to the
// store.
func BenchmarkStore_put(b *testing.B) {
	s := capture.New(capture.Options{Intake: New(Config{Tables: load(b)})})
	b.ReportAllocs()
	for i := range b.N {
		for _, f := range exchange(flow.ID(i + 1)) { //nolint:gosec // a count
			s.Put(f)
		}
	}
}

// ordinary is a request of no interest, as the proxy has it when it is over: on a connection that
// was there, with a short response that has fields of the server's own.
func ordinary(id flow.ID, conn *flow.Conn) flow.Flow {
	began := time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC).Add(time.Duration(id) * 100 * time.Microsecond) //nolint:gosec // a count
	return flow.Flow{
		ID: id, Rev: 1, Source: flow.SourceProxy, State: flow.StateDone, Conn: conn, Reused: true,
		Request: flow.Request{Method: "GET", URL: "https://api.bench.test:9443/json", Proto: "HTTP/1.1", Headers: []flow.Header{
			{Name: "Host", Value: "api.bench.test:9443"}, {Name: "Accept", Value: "*/*"}, {Name: "User-Agent", Value: "bench"},
		}},
		Response: &flow.Response{Status: 200, Proto: "HTTP/1.1", BodySize: 1024, Headers: []flow.Header{
			{Name: "Cache-Control", Value: "no-store"},
			{Name: "Content-Length", Value: "1024"},
			{Name: "Content-Type", Value: "application/json"},
			{Name: "Date", Value: began.Format("Mon, 02 Jan 2006 15:04:05 GMT")},
			{Name: "X-Bench-Conn", Value: strconv.Itoa(int(id % 16))},
			{Name: "X-Bench-Proto", Value: "HTTP/1.1"},
		}},
		Times: flow.Times{
			Start: began, GotConn: began.Add(20 * time.Microsecond), WroteRequest: began.Add(40 * time.Microsecond),
			FirstByte: began.Add(300 * time.Microsecond), Done: began.Add(310 * time.Microsecond),
		},
	}
}

// BenchmarkStore_ordinary is what recording an ordinary request costs: on the request's path, and with
// the writer, which works at the same time.
func BenchmarkStore_ordinary(b *testing.B) {
	conns := make([]*flow.Conn, 16)
	for i := range conns {
		c := *exchange(1)[0].Conn
		c.ID = flow.ID(i + 1)
		conns[i] = &c
	}
	for _, recorded := range []bool{false, true} {
		b.Run(map[bool]string{false: "memory", true: "recorded"}[recorded], func(b *testing.B) {
			flows := make([]flow.Flow, b.N)
			for i := range flows {
				flows[i] = ordinary(flow.ID(i+1), conns[i%len(conns)])
			}
			in := New(Config{Tables: load(b)})
			s := capture.New(capture.Options{Intake: in})
			if recorded {
				f, err := disk.Create(filepath.Join(b.TempDir(), "x.detour"), disk.Header{})
				if err != nil {
					b.Fatal(err)
				}
				defer f.Close()
				r := disk.Record(s, f, disk.RecorderOptions{Redacted: in.Redacted})
				defer r.Close()
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range flows {
				s.Put(flows[i])
			}
		})
	}
}

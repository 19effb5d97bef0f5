package disk

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"detour/internal/flow"
)

// oddTexts are what encoding/json writes in a way of its own.
var oddTexts = []string{"", "a", "x-amz-target", `"`, `\`, "<&>", "é", "\u2028", "\x00\x1f\x7f", "\xff", "日本", "https://logs.eu-central-1.amazonaws.com/?a=b&c"}

// exchange returns an exchange with a response, in which about half of all that there can be is.
func exchange(r *rand.Rand) *flow.Flow {
	text := func() string { return oddTexts[r.IntN(len(oddTexts))] }
	yes := func() bool { return r.IntN(2) == 0 }
	at := began.Add(time.Duration(r.Int64N(1e12)))
	after := func() time.Time {
		if r.IntN(4) == 0 {
			return time.Time{}
		}
		return at.Add(time.Duration(r.Int64N(1 << r.IntN(40))))
	}
	headers := func() (out []flow.Header) {
		for range r.IntN(4) {
			out = append(out, flow.Header{Name: text(), Value: text()})
		}
		return out
	}
	f := &flow.Flow{
		ID: flow.ID(r.Uint64()), Rev: r.Uint32(), Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.Origin(text()), Page: text(),
		CredentialVend: yes(), Marked: yes(), Note: text(), Strict: yes(), Reused: yes(),
		Request: flow.Request{Method: text(), URL: text(), Proto: text(), Headers: headers(), BodySize: r.Int64(), BodyTruncated: yes()},
		Times:   flow.Times{Start: at, GotConn: after(), WroteRequest: after(), FirstByte: after(), Done: after()},
		Conn:    &flow.Conn{ID: flow.ID(1 + r.IntN(9)), Authority: text(), UpstreamProxy: text()},
		Response: &flow.Response{
			Status: r.IntN(600), Proto: text(), Headers: headers(), BodySize: r.Int64(), Body: []byte(text()), BodyTruncated: yes(),
		},
	}
	if yes() {
		f.AWS = &flow.AWS{Partition: "aws", Service: text(), Operation: text()}
		f.Why, f.Findings = []flow.Evidence{flow.EvidenceSigV4Header, flow.Evidence(text())}, []string{text()}
		f.Response.Traits = []flow.Trait{"a", "b"}
	}
	if yes() {
		f.Phases = &flow.Timings{Blocked: flow.NotApplicable, DNS: 0, Connect: 1, SSL: 1500, Send: time.Hour, Wait: time.Duration(r.Int64())}
	}
	switch r.IntN(20) { // what only encoding/json writes
	case 0:
		f.Failure = &flow.Failure{Stage: flow.StageDial, Message: text()}
	case 1:
		f.Tunnel = &flow.Tunnel{Sent: 1}
	case 2:
		f.Response = nil
	case 3:
		f.Conn.ID = 0
	case 4:
		f.Conn = nil
	case 5:
		f.State = flow.StateReceiving
	case 6:
		f.Later = []flow.Later{{Kind: "probe", At: at}}
	case 7:
		f.Unused = []*flow.Conn{{ID: 3}}
	case 8:
		f.Messages = &flow.Messages{CloseCode: 1000}
	case 9:
		f.Shortened, f.Exporter = []flow.Part{flow.PartOther}, "chrome"
	}
	return f
}

func TestEncoder_writesWhatEncodingJSONWrites(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // repeatable
	var e encoder
	fast := 0
	for range 20_000 {
		f := exchange(r)
		if frequent(f) {
			fast++
		}
		want, err := json.Marshal(bare(f))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.record(f); err != nil || string(got) != string(want) {
			t.Fatalf("%v\n got %s\nwant %s", err, got, want)
		}
	}
	if fast < 5000 {
		t.Errorf("only %d of 20,000 are written member by member", fast)
	}
}

func TestEncoder_aTimeThatJSONCannotHoldIsAnError(t *testing.T) {
	f := exchange(rand.New(rand.NewPCG(3, 4))) //nolint:gosec // repeatable
	f.Times.Start = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	var e encoder
	if _, err := e.record(f); err == nil {
		t.Error("no error")
	}
	f.Times.Start = began
	if _, err := e.record(f); err != nil {
		t.Errorf("the error stays: %v", err)
	}
}

func BenchmarkEncoder(b *testing.B) {
	f := typical(1)
	b.Run("own", func(b *testing.B) {
		var e encoder
		b.ReportAllocs()
		for b.Loop() {
			_, _ = e.record(f)
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(bare(f))
		}
	})
}

// typical is a flow as most are: on a connection that was there, with a short response.
func typical(id flow.ID) *flow.Flow {
	h := func(name, value string) flow.Header { return flow.Header{Name: name, Value: value} }
	return &flow.Flow{
		ID: id, Rev: 1, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginOther, Why: []flow.Evidence{}, Reused: true,
		Request: flow.Request{
			Method: "GET", URL: "https://api.bench.test/things/17?page=2", Proto: "HTTP/1.1",
			Headers: []flow.Header{h("Host", "api.bench.test"), h("User-Agent", "bench/1.0"), h("Accept", "application/json"), h("Accept-Encoding", "gzip")},
		},
		Response: &flow.Response{
			Status: 200, Proto: "HTTP/1.1", BodySize: 1024,
			Headers: []flow.Header{h("Content-Type", "application/json"), h("Content-Length", "1024"), h("Date", "Mon, 30 Nov 2026 09:00:00 GMT")},
		},
		Conn: stuck(7).Conn,
		Times: flow.Times{
			Start: began, GotConn: began.Add(20 * time.Microsecond), WroteRequest: began.Add(40 * time.Microsecond),
			FirstByte: began.Add(300 * time.Microsecond), Done: began.Add(310 * time.Microsecond),
		},
	}
}

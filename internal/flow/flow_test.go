package flow

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var t0 = time.Date(2026, 11, 23, 10, 28, 0, 123456000, time.UTC)

func after(ms int) time.Time { return t0.Add(time.Duration(ms) * time.Millisecond) }

// timedOut is the story's call: resolved to a private address that is silent.
func timedOut() *Flow {
	return &Flow{
		ID: 17, Rev: 3, Source: SourceProxy, State: StateDone,
		Origin: OriginDirect, Why: []Evidence{EvidenceSigV4Header, EvidenceOrigin},
		AWS: &AWS{
			Partition: "aws", Region: "ap-northeast-1", Service: "monitoring", ServiceName: "CloudWatch",
			Operation: "GetMetricData", DecodedBy: "x-amz-target", EndpointService: "com.amazonaws.ap-northeast-1.monitoring",
		},
		Page:    "https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home",
		Request: Request{Method: "POST", URL: "https://monitoring.ap-northeast-1.amazonaws.com/", Proto: "HTTP/2.0", BodySize: 812},
		Failure: &Failure{Stage: StageDial, Message: "no answer"},
		Conn: &Conn{
			ID: 3, Authority: "monitoring.ap-northeast-1.amazonaws.com:443", Start: t0,
			Resolution: &Resolution{
				Name: "monitoring.ap-northeast-1.amazonaws.com", Outcome: DNSOK, Source: SourceDNS,
				Nameserver: netip.MustParseAddrPort("10.0.0.2:53"), Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23")},
				TTL: time.Minute, Start: t0, Took: 1800 * time.Microsecond,
			},
			Attempts: []DialAttempt{{
				Addr: netip.MustParseAddrPort("10.0.1.23:443"), Outcome: DialTimeout, Start: after(2), Took: 30000400 * time.Microsecond,
				Local: netip.MustParseAddrPort("172.16.8.5:50312"), Interface: "tun0", Kernel: &KernelTCP{SYNRetransmits: 4},
			}},
		},
		Times:    Times{Start: t0, Done: after(30003)},
		Findings: []string{"private-endpoint-unreachable"},
	}
}

// answered is a call over a fresh connection, every phase a different length.
func answered() *Flow {
	f := timedOut()
	f.Failure, f.Findings = nil, nil
	f.Response = &Response{Status: 200, Proto: "HTTP/2.0", Headers: []Header{{"Content-Type", "application/json"}}, BodySize: 5120}
	f.Conn.Attempts[0].Outcome, f.Conn.Attempts[0].Took, f.Conn.Attempts[0].Kernel = DialConnected, 20*time.Millisecond, nil
	f.Conn.TLS = &TLSInfo{
		Outcome: TLSOK, ServerName: "monitoring.ap-northeast-1.amazonaws.com", Version: "TLS 1.3", ALPN: "h2",
		Start: after(22), Took: 12 * time.Millisecond, Chain: []Cert{{Subject: "CN=x", Issuer: "CN=y", NotAfter: t0, Names: []string{"x"}, SHA256: "00"}},
	}
	f.Times = Times{Start: t0, GotConn: after(40), WroteRequest: after(41), FirstByte: after(71), Done: after(75)}
	return f
}

func TestRecord_golden(t *testing.T) {
	tunnel := timedOut()
	tunnel.Tunnel, tunnel.AWS, tunnel.Origin = &Tunnel{Sent: 1, Received: 2}, nil, OriginOther
	pending := timedOut()
	pending.State, pending.Failure = StateConnecting, nil
	for name, f := range map[string]*Flow{
		"timed-out": timedOut(), "answered": answered(), "tunnel": tunnel, "pending": pending,
		"bare": {ID: 1, Rev: 1, Source: SourceHAR, State: StateDone, Times: Times{Start: t0}},
	} {
		got, err := json.MarshalIndent(f, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, '\n')
		path := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s (%v):\n%s", path, err, got)
		}
		var back Record
		if err := json.Unmarshal(got, &back); err != nil {
			t.Errorf("%s: a record can't be read back: %v", name, err)
		}
	}
}

func TestTimings_followHAR(t *testing.T) {
	got := answered().Timings()
	want := Timings{
		Blocked: 40*time.Millisecond - 1800*time.Microsecond - 32*time.Millisecond,
		DNS:     1800 * time.Microsecond, Connect: 32 * time.Millisecond, SSL: 12 * time.Millisecond,
		Send: time.Millisecond, Wait: 30 * time.Millisecond, Receive: 4 * time.Millisecond,
	}
	if got != want {
		t.Errorf("fresh connection: %+v, want %+v", got, want)
	}
	reused := answered()
	reused.Reused = true
	if got := reused.Timings(); got.DNS != NotApplicable || got.Connect != NotApplicable || got.SSL != NotApplicable || got.Blocked != 40*time.Millisecond {
		t.Errorf("reused connection: %+v", got)
	}
	if got := timedOut().Timings(); got.Blocked != NotApplicable || got.Connect != 30000400*time.Microsecond || got.SSL != NotApplicable || got.Wait != NotApplicable {
		t.Errorf("no connection: %+v", got)
	}
	early := answered()
	early.Times.FirstByte = after(40) // before the request was out
	if got := early.Timings(); got.Wait != 0 {
		t.Errorf("early answer: wait %v, want 0", got.Wait)
	}
}

func TestScopeOf(t *testing.T) {
	for addr, want := range map[string]Scope{
		"10.0.1.23": ScopePrivate, "172.31.255.255": ScopePrivate, "192.168.0.1": ScopePrivate, "172.32.0.1": ScopePublic,
		"100.64.0.1": ScopeCGNAT, "198.18.0.13": ScopeBenchmark, "198.20.0.1": ScopePublic,
		"64:ff9b::a00:117": ScopePrivate, "64:ff9b::cb00:7105": ScopePublic, "100.128.0.1": ScopePublic, "fd00::1": ScopeULA, "fe80::1": ScopeLinkLocal,
		"169.254.169.254": ScopeLinkLocal, "127.0.0.53": ScopeLoopback, "::1": ScopeLoopback, "0.0.0.0": ScopeUnspecified,
		"::": ScopeUnspecified, "::ffff:10.0.0.1": ScopePrivate, "203.0.113.1": ScopePublic, "2600::1": ScopePublic,
	} {
		if got := ScopeOf(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

func TestUnanswered_ifNothingCameBack(t *testing.T) {
	const patience = 3 * time.Second
	for _, tc := range []struct {
		outcome DialOutcome
		took    time.Duration
		want    bool
	}{
		{DialTimeout, time.Second, true},
		{DialCanceled, 2999 * time.Millisecond, false},
		{DialCanceled, patience, true},
		{DialLost, patience, true},
		{DialRefused, time.Minute, false},
		{DialConnected, time.Minute, false},
		{DialPending, 0, true}, // by the clock: it began a minute ago
	} {
		a := DialAttempt{Outcome: tc.outcome, Start: t0, Took: tc.took}
		if got := a.Unanswered(t0.Add(time.Minute), patience); got != tc.want {
			t.Errorf("%q after %v: %v, want %v", tc.outcome, tc.took, got, tc.want)
		}
	}
}

func TestGet_foldsCase(t *testing.T) {
	hs := []Header{{"X-Amz-Target", "a"}, {"x-amz-target", "b"}}
	if Get(hs, "x-AMZ-target") != "a" || !Has(hs, "X-AMZ-TARGET") || Has(hs, "x-amz") || Get(nil, "x") != "" {
		t.Error("field names aren't compared as RFC 9110 says")
	}
}

func TestWinner_aResetMakesRoomForTheNextAddress(t *testing.T) {
	for want, outcomes := range map[int][]DialOutcome{
		1:  {DialReset, DialConnected},
		0:  {DialReset, DialRefused},
		-1: {DialRefused, DialTimeout},
	} {
		var c Conn
		for _, o := range outcomes {
			c.Attempts = append(c.Attempts, DialAttempt{Outcome: o})
		}
		var w *DialAttempt
		if want >= 0 {
			w = &c.Attempts[want]
		}
		if c.Winner() != w {
			t.Errorf("%v: the winner is %+v, want number %d", outcomes, c.Winner(), want)
		}
	}
}

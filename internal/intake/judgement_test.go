package intake_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/aws"
	"detour/internal/capture"
	"detour/internal/capture/disk"
	"detour/internal/export"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/har"
	"detour/internal/intake"
)

// TestJudge_isTheSameOnEveryWay: the same flows have the same findings whether they come
// from a HAR without or with its header fields, from detour's HAR, JSON Lines or capture of
// it, or from the memory of a run.
func TestJudge_isTheSameOnEveryWay(t *testing.T) {
	files := recordedHARs(t, judgement)
	tables := loadTables(t)
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".har"), func(t *testing.T) {
			whole := read(t, tables, path, true)
			want := said(whole.Findings)
			for way, got := range map[string][]flow.Finding{
				"diagnose":     read(t, tables, path, false).Findings,
				"own HAR":      read(t, tables, exported(t, whole, "har"), false).Findings,
				"JSON Lines":   read(t, tables, exported(t, whole, "jsonl"), false).Findings,
				"capture":      read(t, tables, stored(t, whole), false).Findings,
				"live, judged": live(t, tables, path),
			} {
				if s := said(got); s != want {
					t.Errorf("%s:\n%s\nthe file itself:\n%s", way, s, want)
				}
			}
		})
	}
}

// said is what findings say, apart from the order of their flows.
func said(found []flow.Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s %s %s%s %v\n  %s\n  %q\n  %q\n  %v\n", f.Code, f.Level, f.Confidence, finding.Resolved(f), f.Flows, f.Title, f.Because,
			f.Alternatives, f.Asks)
	}
	return b.String()
}

func read(t *testing.T, tables *aws.Tables, path string, whole bool) *flow.Capture {
	t.Helper()
	got, err := intake.Reader{Tables: tables, Whole: whole}.Read(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func exported(t *testing.T, c *flow.Capture, format string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x."+format)
	var b bytes.Buffer
	if err := (export.Writer{Version: "1.0"}).Write(&b, format, c); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func stored(t *testing.T, c *flow.Capture) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.detour")
	f, err := disk.Create(path, disk.Header{Creator: "detour 1.0", Environment: c.Environment})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(disk.Batch{Flows: c.Flows}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// live puts a file's flows into the memory of a run, as the proxy would.
func live(t *testing.T, tables *aws.Tables, path string) []flow.Finding {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var read []*flow.Flow
	if _, err := har.Decode(in, func(f *flow.Flow) error {
		read = append(read, f)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	intake.ThroughProxies(tables, read)
	prepared := intake.New(intake.Config{Tables: tables})
	store := capture.New(capture.Options{Intake: prepared})
	for _, f := range read {
		store.Put(*f)
	}
	store.SetPreflights(prepared.Preflights())
	flows := store.Flows()
	return intake.Judge(flows, intake.LastInstant(flows), alias.Texts{})
}

// TestJudge_isTheSameOnEveryWayForAnyFlows: as above, for calls that end in any way.
func TestJudge_isTheSameOnEveryWayForAnyFlows(t *testing.T) {
	tables := loadTables(t)
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 11)) //nolint:gosec // reproducible
		store := capture.New(capture.Options{Intake: intake.New(intake.Config{Tables: tables})})
		for id := range 2 + r.IntN(10) {
			store.Put(anyFlow(r, flow.ID(id+1))) //nolint:gosec // a count
		}
		flows := store.Flows()
		whole := &flow.Capture{Flows: store.Flows(), Creator: "detour 1.0"}
		for i := range whole.Flows {
			whole.Flows[i] = store.Get(whole.Flows[i].ID)
		}
		want := said(intake.Judge(flows, intake.LastInstant(flows), alias.Texts{}))
		for way, got := range map[string][]flow.Finding{
			"own HAR":    read(t, tables, exported(t, whole, "har"), false).Findings,
			"JSON Lines": read(t, tables, exported(t, whole, "jsonl"), true).Findings,
			"capture":    read(t, tables, stored(t, whole), false).Findings,
		} {
			if s := said(got); s != want {
				t.Errorf("seed %d, %s:\n%s\nlive:\n%s", seed, way, s, want)
			}
		}
	}
}

// anyFlow is a final flow to a host of a small set that ended in one of many ways.
func anyFlow(r *rand.Rand, id flow.ID) flow.Flow {
	oneOf := func(of ...string) string { return of[r.IntN(len(of))] }
	host := oneOf("monitoring.ap-northeast-1.amazonaws.com", "logs.ap-northeast-1.amazonaws.com",
		"ap-northeast-1.console.aws.amazon.com", "us-east-1.signin.aws.amazon.com", "www.example.com")
	start := time.Date(2026, 11, 23, 10, 28, int(id), 0, time.UTC) //nolint:gosec // a count
	took := time.Duration(1+r.IntN(40_000)) * time.Millisecond
	f := flow.Flow{
		ID: id, Rev: 1, Source: flow.SourceProxy, State: flow.StateDone,
		Request: flow.Request{Method: oneOf("POST", "POST", "GET", "OPTIONS"), URL: "https://" + host + "/", Proto: "HTTP/2.0", Headers: []flow.Header{
			{Name: "Origin", Value: "https://ap-northeast-1.console.aws.amazon.com"},
			{Name: "Referer", Value: "https://ap-northeast-1.console.aws.amazon.com/"},
			{Name: "X-Amz-Target", Value: oneOf("GraniteServiceVersion20100801.GetMetricData", "Logs_20140328.DescribeLogGroups")},
		}},
		Times: flow.Times{Start: start, Done: start.Add(took)},
		Conn:  &flow.Conn{ID: id, Authority: host + ":443", Start: start},
	}
	res := &flow.Resolution{
		Name: host, Source: flow.SourceDNS, Outcome: flow.DNSOutcome(oneOf("ok", "ok", "ok", "nxdomain", "servfail", "timeout")), Start: start, Took: time.Millisecond,
		Nameserver: netip.MustParseAddrPort(oneOf("10.0.0.2:53", "198.51.100.53:53")),
	}
	f.Conn.Resolution = res
	if res.Outcome != flow.DNSOK {
		f.Failure = &flow.Failure{Stage: flow.StageDNS, Message: "no address"}
		return f
	}
	for range 1 + r.IntN(2) {
		a := netip.MustParseAddr(oneOf("10.0.1.23", "203.0.113.5", "2001:db8::1", "0.0.0.0", "10.0.2.24"))
		res.Addrs = append(res.Addrs, a)
		f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{
			Addr: netip.AddrPortFrom(a, 443), Outcome: flow.DialOutcome(oneOf("connected", "connected", "timeout", "refused", "unreachable", "lost", "canceled", "error")),
			Start: start, Took: took / 2, Local: netip.MustParseAddrPort("172.16.8.5:50312"),
		})
	}
	if f.Conn.Winner() == nil {
		f.Failure = &flow.Failure{Stage: flow.Stage(oneOf("dial", "dial", "client")), Message: "no connection"}
		return f
	}
	if r.IntN(3) == 0 { // another connection carries it, while its own got no answer, or the first SYNs were lost
		dialed := *f.Conn
		dialed.ID, dialed.Attempts = 1000+id, slices.Clone(dialed.Attempts)
		for i := range dialed.Attempts {
			dialed.Attempts[i].Outcome = flow.DialOutcome(oneOf("lost", "lost", "connected"))
		}
		f.Reused, f.Unused = true, []*flow.Conn{&dialed}
	}
	for range r.IntN(3) {
		f.Later = append(f.Later, flow.Later{
			Kind: flow.LaterKind(oneOf("loser", "probe", "public")), At: start.Add(took + time.Second), Took: time.Millisecond,
			Addr: netip.MustParseAddrPort(oneOf("10.0.1.23:443", "10.0.2.24:443")), Outcome: flow.DialOutcome(oneOf("connected", "timeout", "refused")),
		})
	}
	f.Conn.TLS = &flow.TLSInfo{Outcome: flow.TLSOutcome(oneOf("ok", "ok", "ok", "ok", "untrusted", "expired", "timeout", "reset")), Start: start, Took: took / 4}
	if f.Conn.TLS.Outcome != flow.TLSOK {
		f.Failure = &flow.Failure{Stage: flow.StageTLS, Message: "no handshake"}
		return f
	}
	f.Times.GotConn, f.Times.WroteRequest = start.Add(took/2), start.Add(took/2)
	if r.IntN(4) == 0 {
		f.Failure = &flow.Failure{Stage: flow.Stage(oneOf("wait", "client", "receive")), Message: "EOF", Reset: r.IntN(2) == 0}
		return f
	}
	f.Times.FirstByte = start.Add(took)
	f.Response = &flow.Response{Status: []int{200, 200, 302, 400, 403, 429, 500}[r.IntN(7)], Proto: "HTTP/2.0", Headers: []flow.Header{
		{Name: "Content-Type", Value: oneOf("application/json", "text/html")}, {Name: "Date", Value: start.Format(http.TimeFormat)},
	}}
	if r.IntN(2) == 0 {
		f.Response.Headers = append(f.Response.Headers, flow.Header{Name: "x-amzn-requestid", Value: "r-1"})
	}
	if f.Response.Status == 302 {
		f.Response.Headers = append(f.Response.Headers, flow.Header{Name: "Location", Value: oneOf("https://login.corp.example/", "https://us-east-1.signin.aws.amazon.com/")})
	}
	return f
}

// TestRead_findsWhatTheFilesShow: a file, and the findings that are right for it.
func TestRead_findsWhatTheFilesShow(t *testing.T) {
	tables := loadTables(t)
	for name, want := range map[string]string{
		"address-unreachable":        "connect-unreachable problem",
		"all-timedout":               "nothing-answers problem",
		"captive-portal":             "answer-not-from-aws problem",
		"chromium-devtools-nxdomain": "dns-failed problem",
		"chromium-devtools-sg-drop":  "direct-calls-given-up problem",
		"concat":                     "",
		"empty-response":             "request-unanswered problem",
		"epoch":                      "",
		"fakeip":                     "made-up-address notice",
		"firefox-healthy-nolna":      "",
		"firefox-mtu-blackhole-rtt":  "direct-calls-without-connection problem",
		"firefox-no-cors":            "cors-fields-missing problem",
		"firefox-public-drop-full":   "direct-calls-unanswered problem",
		"firefox-sg-drop":            "direct-calls-without-connection problem",
		"firefox-sg-drop-full":       "direct-calls-unanswered problem",
		"firefox-sg-drop-pending":    "calls-pending notice",
		"firefox-sg-drop-rtt":        "direct-calls-without-connection problem",
		"firefox-slow-full-nolna":    "slow-responses notice",
		"firefox-tls-expired":        "tls-failed problem",
		"gateway-403-no-reqid":       "answer-not-from-aws problem",
		"iam-action-names":           "denied-by-endpoint-policy problem",
		"offline":                    "nothing-answers problem",
		"one-refused":                "connect-refused problem",
		"pair-leak":                  "",
		"phases-without-ip":          "",
		"recorded-no-route":          "connect-unreachable problem",
		"recorded-rst":               "connect-refused problem",
		"recorded-sinkhole":          "connect-refused problem",
		"recorded-swallow":           "direct-calls-given-up problem",
		"reset":                      "connection-broken problem",
		"setcookie-newline":          "",
		"sni-reset-chrome":           "connection-broken problem",
		"webkit-half-eni":            "file-omits-failures notice",
		"webkit-healthy":             "file-omits-failures notice",
		"webkit-sg-drop":             "file-omits-failures notice, measured-call-missing notice",
	} {
		var got []string
		for _, f := range read(t, tables, filepath.Join(judgement, name+".har"), false).Findings {
			got = append(got, f.Code+" "+string(f.Level))
			texts := slices.Concat([]string{f.Title}, f.Because, f.Alternatives, f.CloudTrail)
			for _, step := range f.Try {
				texts = append(texts, step.Text)
			}
			for _, ask := range f.Asks {
				texts = append(texts, ask.What)
			}
			for _, text := range texts { // a HAR is somebody else's, and its failed calls have no address
				if strings.Contains(text, "this machine") || strings.Contains(text, "addresses above") {
					t.Errorf("%s: %s", name, text)
				}
			}
			if strings.Contains(f.Title, "security group") {
				t.Errorf("%s: no HAR shows that it is a security group: %s", name, f.Title)
			}
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%s: %q, want %q", name, s, want)
		}
	}
}

// TestRead_aBeaconNamesTheCallOfAPreflight on every way in, and nothing names the one of
// CloudWatch Logs.
func TestRead_aBeaconNamesTheCallOfAPreflight(t *testing.T) {
	tables := loadTables(t)
	path := filepath.Join(judgement, "preflight-beacon.har")
	whole := read(t, tables, path, true)
	named := func(flows []*flow.Flow) (out string) {
		for _, f := range flows {
			if f.Request.Method == "OPTIONS" {
				out += fmt.Sprintf("%s %v %q; ", f.AWS.Service, f.AWS.MayBe(), f.AWS.Operation)
			}
		}
		return out
	}
	const want = `monitoring [GetMetricData] ""; logs [] ""; `
	for way, got := range map[string]*flow.Capture{
		"the file": whole, "bare": read(t, tables, path, false), "own HAR": read(t, tables, exported(t, whole, "har"), false),
		"JSON Lines": read(t, tables, exported(t, whole, "jsonl"), false), "capture": read(t, tables, stored(t, whole), false),
	} {
		if s := named(got.Flows); s != want {
			t.Errorf("%s: %s", way, s)
		}
	}
}

package feed

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/fulltest"
	"detour/internal/leaktest"
	"detour/internal/otlp"
	"detour/internal/otlp/send"
	"detour/internal/usererr"
	"detour/ui/flowtest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// An asIs redacts nothing.
type asIs struct{}

func (asIs) Flow(f *flow.Flow) *flow.Flow { return f }
func (asIs) Text(s string) string         { return s }

// A backend is a collector that keeps what it gets.
type backend struct {
	*httptest.Server
	mu    sync.Mutex
	bytes []byte // of all bodies
	logs  []*logs.LogRecord
	spans []*trace.Span
}

func newBackend(t *testing.T) *backend {
	b := &backend{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		body, err := io.ReadAll(z)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.bytes = append(b.bytes, body...)
		var l logs.LogsData
		var s trace.TracesData
		if strings.HasSuffix(r.URL.Path, "/logs") {
			err = errors.Join(err, proto.Unmarshal(body, &l))
			b.logs = append(b.logs, l.ResourceLogs[0].ScopeLogs[0].LogRecords...)
		} else {
			err = errors.Join(err, proto.Unmarshal(body, &s))
			b.spans = append(b.spans, s.ResourceSpans[0].ScopeSpans[0].Spans...)
		}
		if err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

// attribute is a record's, as text; "" if it has none.
func attribute(all []*common.KeyValue, key string) string {
	for _, kv := range all {
		switch {
		case kv.Key != key:
		case kv.Value.GetStringValue() != "":
			return kv.Value.GetStringValue()
		default:
			return fmt.Sprint(kv.Value.GetIntValue())
		}
	}
	return ""
}

// lines says in a line what each record is about.
func (b *backend) lines() (out []string) {
	for _, r := range b.logs {
		of := func(key string) string { return attribute(r.Attributes, key) }
		switch r.EventName {
		case otlp.EventFlow:
			out = append(out, fmt.Sprintf("flow %s %s", of("server.address"), of("error.type")))
		case otlp.EventFinding:
			out = append(out, fmt.Sprintf("finding %s %s %s", of("detour.finding"), of("detour.finding.state"), of("server.address")))
		case otlp.EventSummary:
			out = append(out, fmt.Sprintf("summary %s %s: %s, %s failed, %s errors", of("server.address"), of("rpc.method"), of("detour.flows"),
				of("detour.flows.failed"), of("detour.flows.errors")))
		}
	}
	slices.Sort(out)
	return out
}

// begin begins to send what happens in a store.
func (b *backend) begin(t *testing.T, o Options, store *capture.Store, redact Redactor) *Live {
	t.Helper()
	o.To = b.URL
	cfg, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	l := o.Begin(store, redact, otlp.Resource{Version: "v1.2.3", Run: "r", Installation: "i"}, cfg)
	l.flush = time.Minute // the machine may be busy
	return l
}

// call is a call that ended with a status; 0: no response to any SYN.
func call(id flow.ID, host string, status int) flow.Flow {
	f := flowtest.Call(id, flowtest.At(0), flow.OriginDirect, host, "monitoring", "CloudWatch", "GetMetricData")
	if status > 0 {
		f = flowtest.Answered(f, status, flowtest.Millis(80))
		return *f
	}
	g := *f
	g.State, g.Failure = flow.StateDone, &flow.Failure{Stage: flow.StageDial}
	g.Times.Done = g.Times.Start.Add(20 * time.Second)
	g.Conn = &flow.Conn{ID: id, Authority: host + ":443", Attempts: []flow.DialAttempt{{Outcome: flow.DialTimeout, Start: g.Times.Start, Took: 20 * time.Second}}}
	return g
}

// TestLive_whatIsChosen: with each of the choices, in a run that has a failed call, one with an error, one that
// works, and one to a host outside AWS.
func TestLive_whatIsChosen(t *testing.T) {
	const a, b, c = "monitoring.eu-west-1.amazonaws.com", "logs.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com"
	summaries := []string{
		"summary " + b + " CloudWatch/GetMetricData: 1, 0 failed, 1 errors", "summary " + a + " CloudWatch/GetMetricData: 1, 1 failed, 0 errors",
		"summary " + c + " CloudWatch/GetMetricData: 1, 0 failed, 0 errors",
	}
	for choice, want := range map[Choice][]string{
		Findings: append([]string{"flow " + a + " connection_timeout"}, summaries...),
		Failures: append([]string{"flow " + a + " connection_timeout", "flow " + b + " 403"}, summaries...),
		All: {
			"flow " + a + " connection_timeout", "flow " + b + " 403", "flow " + c + " ", "flow example.com ",
		},
	} {
		t.Run(string(choice), func(t *testing.T) {
			backend, store := newBackend(t), capture.New(capture.Options{})
			l := backend.begin(t, Options{Choice: string(choice)}, store, asIs{})
			for i, f := range []flow.Flow{call(1, a, 0), call(2, b, 403), call(3, c, 200), call(4, "example.com", 200)} {
				if i == 3 {
					f.Origin, f.AWS = flow.OriginOther, nil
				}
				store.Put(f)
			}
			store.Note(1, "a later revision") // isn't sent again
			stats := l.End()
			slices.Sort(want)
			if diff := cmp.Diff(want, backend.lines()); diff != "" || stats != (send.Stats{Sent: len(want)}) {
				t.Errorf("%+v: %s", stats, diff)
			}
			if again := l.End(); again != stats {
				t.Errorf("the second end: %+v", again)
			}
		})
	}
}

func TestLive_aFindingIsSentWhenItArisesAndWhenItEnds(t *testing.T) {
	b, store := newBackend(t), capture.New(capture.Options{})
	cfg, err := Options{To: b.URL, Choice: "findings"}.Config()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Encoder = otlp.New(otlp.Resource{Run: "r"})
	d := feed{to: send.New(cfg), encoder: cfg.Encoder, redact: asIs{}, meanings: meanings()}
	const one, two = "a.amazonaws.com", "b.amazonaws.com"
	store.Put(call(1, one, 0))
	store.Put(call(2, one, 0))
	store.Put(call(3, two, 0))
	now := flowtest.At(0).Add(time.Minute)
	at := now.Add(5 * time.Minute)
	get := func(id flow.ID) *flow.Flow { return store.Get(id) }
	dns := func(resolved bool, hosts ...string) flow.Finding {
		f := flow.Finding{Code: "dns-failed", Level: flow.LevelProblem, Confidence: flow.ConfidenceHigh, Hosts: hosts, Flows: []flow.ID{1, 2, 3}}
		if f.Resolved = resolved; resolved {
			f.ResolvedAt = at
		}
		return f
	}
	provisional := dns(false, one)
	provisional.Code, provisional.Provisional = "tls-failed", true
	for _, found := range [][]flow.Finding{
		{provisional},                              // not yet
		{provisional, dns(false, one)},             // arises
		{dns(false, one)},                          // goes on
		{dns(false, one, two)},                     // a second host
		{dns(true, one, two)},                      // both end
		{dns(true, one, two)},                      // which is shown for a while
		{dns(false, one), dns(true, one, two)},     // and one of them arises again
		{dns(false, one), dns(true, one, two)},     // goes on
		{dns(true, two)},                           // is withdrawn
		{},                                         // nothing more
		{{Code: "odd-thing", Flows: []flow.ID{9}}}, // of no host, and its flow is gone
	} {
		d.judged(found, get, now)
	}
	d.to.Close(t.Context())
	want := []string{
		"finding dns-failed open " + one, "finding dns-failed open " + one, "finding dns-failed open " + two, "finding dns-failed resolved " + one,
		"finding dns-failed resolved " + two, "finding dns-failed withdrawn " + one, "finding odd-thing open ",
	}
	if diff := cmp.Diff(want, b.lines()); diff != "" {
		t.Error(diff)
	}
	r := b.logs[0]
	if got := time.Unix(0, int64(r.TimeUnixNano)); !got.Equal(flowtest.At(0)) || attribute(r.Attributes, "detour.flows") != "2" || r.Body.GetStringValue() == "" { //nolint:gosec // it is a time
		t.Errorf("the first one is %v", r)
	}
	for _, r := range b.logs {
		if attribute(r.Attributes, "detour.finding.state") == "resolved" && int64(r.TimeUnixNano) != at.UnixNano() { //nolint:gosec // it is a time
			t.Errorf("it ended at %d", r.TimeUnixNano)
		}
	}
}

// TestJudged_theNewestRecordIsRight: the record with the latest time says whether a finding is open, and its end
// has the number of requests by then.
func TestJudged_theNewestRecordIsRight(t *testing.T) {
	const host = "a.amazonaws.com"
	var flows []*flow.Flow
	for i := range 3 {
		f := call(flow.ID(i+1), host, 0) //nolint:gosec // it is small
		f.Times.Start = flowtest.At(0).Add(time.Duration(i) * 10 * time.Minute)
		flows = append(flows, &f)
	}
	get := func(id flow.ID) *flow.Flow { return flows[id-1] }
	start := flows[0].Times.Start
	minute := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	open := func(ids ...flow.ID) []flow.Finding {
		return []flow.Finding{{Code: "dns-failed", Level: flow.LevelProblem, Hosts: []string{host}, Flows: ids}}
	}
	resolved := func(at time.Time, ids ...flow.ID) []flow.Finding {
		f := open(ids...)
		f[0].Resolved, f[0].ResolvedAt = true, at
		return f
	}
	b := newBackend(t)
	cfg, err := Options{To: b.URL, Choice: "findings"}.Config()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Encoder = otlp.New(otlp.Resource{Run: "r"})
	d := feed{to: send.New(cfg), encoder: cfg.Encoder, redact: asIs{}, meanings: meanings()}
	for i, found := range [][]flow.Finding{
		open(1), resolved(minute(5), 1, 2), // a second request failed meanwhile
		resolved(minute(4), 2),    // the first one is gone
		open(1, 2),                // fails again
		nil,                       // withdrawn
		nil,                       //
		open(1, 2),                // and shown again, by requests that are older than that
		resolved(minute(6), 1, 2), // by a response that is older, too
		nil,                       // not shown any more
		open(1, 2, 3),             // arises again
	} {
		d.judged(found, get, minute(10+i))
	}
	d.to.Close(t.Context())
	var got []string
	for _, r := range b.logs {
		at := time.Unix(0, int64(r.TimeUnixNano)).Sub(start) //nolint:gosec // it is a time
		got = append(got, fmt.Sprint(attribute(r.Attributes, "detour.finding.state"), " ", at, " ", attribute(r.Attributes, "detour.flows")))
	}
	want := []string{
		"open 0s 1", "resolved 5m0s 2", "open 10m0s 2", "withdrawn 14m0s ", "open 16m0s 2", "resolved 17m0s 2", "open 20m0s 3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestLive_tracesHaveEachConnectionOnce, and what it was made of.
func TestLive_tracesHaveEachConnectionOnce(t *testing.T) {
	b, store := newBackend(t), capture.New(capture.Options{})
	l := b.begin(t, Options{Choice: "all", Traces: true}, store, asIs{})
	for i, f := range flowtest.Story(true) {
		f.ID = flow.ID(i + 1) //nolint:gosec // it is small
		store.Put(*f)
	}
	if stats := l.End(); stats.Lost() > 0 {
		t.Errorf("%+v", stats)
	}
	conns := make(map[flow.ID]bool)
	for _, f := range store.Flows() {
		if f.Conn != nil {
			conns[f.Conn.ID] = true
		}
	}
	n, requests, ids := 0, 0, make(map[string]bool)
	for _, s := range b.spans {
		ids[string(s.SpanId)] = true
		if s.Name == "HTTP connection_setup" {
			n++
		}
	}
	for _, s := range b.spans {
		if s.Kind == trace.Span_SPAN_KIND_CLIENT {
			requests++
			for _, link := range s.Links {
				if !ids[string(link.SpanId)] {
					t.Errorf("%s links to a span that wasn't sent", s.Name)
				}
			}
		}
	}
	if n != len(conns) || requests != len(store.Flows()) || len(ids) != len(b.spans) {
		t.Errorf("%d of %d connections, %d of %d requests, %d of %d IDs", n, len(conns), requests, len(store.Flows()), len(ids), len(b.spans))
	}
}

func TestFile(t *testing.T) {
	b := newBackend(t)
	o := Options{To: b.URL, Choice: "all"}
	cfg, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	c := &flow.Capture{Last: flowtest.At(0).Add(time.Hour)}
	n := fulltest.Or(2200, 10_000) // more than the queue holds
	for i := range n {
		f := call(flow.ID(i+1), fmt.Sprintf("h%d.amazonaws.com", i), 200*(i%2)) //nolint:gosec // it is small
		c.Flows = append(c.Flows, &f)
	}
	c.Findings = []flow.Finding{{Code: "dns-failed", Hosts: []string{"h0.amazonaws.com"}, Flows: []flow.ID{1}, Resolved: true, ResolvedAt: flowtest.At(9)}}
	stats, err := o.File(t.Context(), c, c.Reader(), asIs{}, "v1", cfg)
	if err != nil || stats != (send.Stats{Sent: n + 2}) {
		t.Errorf("%+v, %v", stats, err)
	}
	for _, want := range []string{"finding dns-failed open h0.amazonaws.com", "finding dns-failed resolved h0.amazonaws.com", fmt.Sprintf("flow h%d.amazonaws.com ", n-1)} {
		if !slices.Contains(b.lines(), want) {
			t.Errorf("there is no %q", want)
		}
	}
}

func TestFile_saysWhatHasNotArrived(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer srv.Close()
	o := Options{To: srv.URL, Choice: "findings"}
	cfg, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	f := call(1, "a.amazonaws.com", 0)
	c := &flow.Capture{Flows: []*flow.Flow{&f}}
	stats, err := o.File(t.Context(), c, c.Reader(), asIs{}, "v1", cfg)
	if err == nil || err.Error() != "2 of 2 records didn't arrive: 401 Unauthorized" || stats.Rejected != 2 {
		t.Errorf("%+v, %v", stats, err)
	}
	if got := Report(stats); got != "OTLP: 0 records sent, 2 rejected: 401 Unauthorized" {
		t.Errorf("it reports %q", got)
	}
}

// TestFile_saysThatTheRestIsNotSent: it isn't among the records that are counted.
func TestFile_saysThatTheRestIsNotSent(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer srv.Close()
	o := Options{To: srv.URL, Choice: "all"}
	cfg, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	cfg.GiveUp = time.Millisecond
	c := &flow.Capture{}
	for i := range 5000 {
		f := call(flow.ID(i+1), "a.amazonaws.com", 0) //nolint:gosec // it is small
		c.Flows = append(c.Flows, &f)
	}
	stats, err := o.File(t.Context(), c, c.Reader(), asIs{}, "v1", cfg)
	want := fmt.Sprintf("%d of %[1]d records didn't arrive, and the rest of the file wasn't sent: 503 Service Unavailable", stats.Dropped)
	if err == nil || err.Error() != want || stats.Dropped >= len(c.Flows) || stats.Sent > 0 {
		t.Errorf("%+v, %v", stats, err)
	}
}

func TestRecent(t *testing.T) {
	var r recent
	for id := flow.ID(1); id <= 3*maxRecent; id++ {
		if !r.add(id) || r.add(id) || id > 100 && r.add(id-100) {
			t.Fatalf("%d isn't new once", id)
		}
	}
}

func TestOptions(t *testing.T) {
	if _, err := (Options{To: "https://otel.example", Choice: "some"}).Config(); err == nil || err.Error() != `--otlp-send "some" is unknown` {
		t.Error(err)
	}
	o := Options{To: "https://otel.example", Choice: "failures", Traces: true}
	cfg, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	const want = "OTLP: sends findings, requests that failed or got an error, and a summary per host, operation and minute, with traces to " +
		"otel.example:443. Privacy profile fleet: no bodies, header fields or values of queries; account IDs, names in ARNs and e-mail " +
		"addresses are replaced; hosts, paths of AWS's URLs, notes, addresses of servers and nameservers, and this machine's network (/24, /48) are real"
	if got := o.Consent(cfg, false); got != want {
		t.Errorf("it says %q", got)
	}
	if got := o.Consent(cfg, true); strings.Contains(got, "nameservers") || !strings.HasSuffix(got, "e-mail and private addresses are replaced; hosts, paths of AWS's URLs and notes are real") {
		t.Errorf("of a strict run it says %q", got)
	}
}

func TestOptions_whatNeedsAnAddress(t *testing.T) {
	for want, o := range map[string]Options{
		"--otlp-traces needs --otlp": {Choice: "findings", Traces: true},
		"--otlp-send needs --otlp":   {Choice: "all"},
		"":                           {Choice: "findings"},
	} {
		err := o.Missing()
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if err := (Options{To: "env", Choice: "all", Traces: true}).Missing(); err != nil {
		t.Error(err)
	}
}

func TestRun_saysWhichFlagsHaveNoEffect(t *testing.T) {
	for want, o := range map[string]Options{
		"--otlp-traces has no effect without --otlp": {Choice: "findings", Traces: true},
		"--otlp-send has no effect without --otlp":   {Choice: "all"},
		"": {Choice: "findings"},
	} {
		r, err := o.Run(false)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(r.Consent(), "|"); got != want {
			t.Errorf("%+v: %q", o, got)
		}
		r.Connect(nil, nil)
		r.Begin(nil, nil, "", "", nil) // sends nothing
		if got := r.End(); got != nil {
			t.Errorf("at the end: %q", got)
		}
	}
	if _, err := (Options{Choice: "some"}).Run(false); usererr.As(err) == nil {
		t.Errorf("an unknown choice: %v", err)
	}
}

// TestInstallation_isTheSameForRunsThatBeginAtOnce: each of them finds no file at first.
func TestInstallation_isTheSameForRunsThatBeginAtOnce(t *testing.T) {
	dir := t.TempDir()
	for i := range 100 {
		path := filepath.Join(dir, strconv.Itoa(i), "installation")
		var all sync.WaitGroup
		ids := make([]string, 4)
		for i := range ids {
			all.Go(func() { ids[i] = Installation(path) })
		}
		all.Wait()
		if slices.ContainsFunc(ids, func(id string) bool { return id != ids[0] || id == "" }) {
			t.Fatalf("%q", ids)
		}
	}
}

func TestInstallation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "installation")
	var all sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		all.Go(func() { ids[i] = Installation(path) })
	}
	all.Wait()
	id := Installation(path)
	if len(id) != 2*idBytes || slices.ContainsFunc(ids, func(s string) bool { return s != id }) {
		t.Errorf("%q, then %q", ids, id)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(path, []byte("cut of"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := Installation(path); again == id || len(again) != 2*idBytes || Installation(path) != again {
		t.Errorf("a damaged file has %q", again)
	}
	if got := Installation(""); got != "" {
		t.Errorf("without a directory it is %q", got)
	}
}

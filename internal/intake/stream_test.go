package intake_test

import (
	"errors"
	"net/netip"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"detour/internal/aws"
	"detour/internal/capture/disk"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/fulltest"
	"detour/internal/intake"
)

// captureOf writes a capture of n flows, of which one in a thousand gets no connection.
func captureOf(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run"+disk.Ext)
	f, err := disk.Create(path, disk.Header{Creator: "detour test"})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	const size = 1000
	for from := 1; from <= n; from += size {
		var b disk.Batch
		for i := from; i < from+size && i <= n; i++ {
			b.Flows = append(b.Flows, storedFlow(i, began.Add(time.Duration(i)*50*time.Millisecond)))
		}
		if err := f.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func storedFlow(i int, at time.Time) *flow.Flow {
	const host = "logs.eu-central-1.amazonaws.com"
	first := i - i%100 // a connection carries a hundred requests
	addr := netip.MustParseAddrPort("10.0.1.24:443")
	x := &flow.Flow{
		ID: flow.ID(i), Rev: 3, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginDirect,
		AWS: &flow.AWS{Partition: "aws", Region: "eu-central-1", Service: "logs", Operation: "DescribeLogGroups", DecodedBy: "x-amz-target"},
		Request: flow.Request{
			Method: "POST", URL: "https://" + host + "/", Proto: "HTTP/2.0", BodySize: 2, Body: []byte("{}"),
			Headers: []flow.Header{{Name: "x-amz-target", Value: "Logs_20140328.DescribeLogGroups"}},
		},
		Response: &flow.Response{Status: 200, Proto: "HTTP/2.0", BodySize: 900, Headers: []flow.Header{{Name: "content-type", Value: "text/x"}}},
		Conn: &flow.Conn{
			ID: flow.ID(1 + first), Authority: host + ":443", Start: at,
			Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Addrs: []netip.Addr{addr.Addr()}, Start: at, Took: time.Millisecond},
			Attempts:   []flow.DialAttempt{{Addr: addr, Outcome: flow.DialConnected, Start: at, Took: time.Millisecond}},
		},
		Reused: i != first, Times: flow.Times{Start: at, FirstByte: at.Add(20 * time.Millisecond), Done: at.Add(30 * time.Millisecond)},
	}
	if i%1000 == 500 {
		x.Conn.ID, x.Reused, x.Response = flow.ID(i+1), false, nil
		x.Conn.Attempts[0].Outcome, x.Conn.Attempts[0].Took = flow.DialTimeout, 21*time.Second
		x.Failure, x.Times = &flow.Failure{Stage: flow.StageDial, Message: "i/o timeout"}, flow.Times{Start: at, Done: at.Add(21 * time.Second)}
	}
	return x
}

// liveHeap is the size of what the heap has after a collection.
func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // a size
}

func TestStream_takesLittleMemoryForEachFlow(t *testing.T) {
	const most = 64 // bytes of a healthy flow
	keep, err := filter.Parse("status:200")
	if err != nil {
		t.Fatal(err)
	}
	flows := fulltest.Or(2000, 15_000)
	small, large := captureOf(t, 500), captureOf(t, flows)
	for what, r := range map[string]intake.Reader{"all": {}, "selected": {Keep: keep}, "strict": {Strict: true}} {
		r.Whole = true
		few, many := heapOfStream(t, r, small), heapOfStream(t, r, large)
		t.Logf("%s: %d KiB for 500 flows, %d KiB for %d", what, few>>10, many>>10, flows)
		if more := many - few; more > int64(flows)*most {
			t.Errorf("%s: %d bytes of a flow", what, more/int64(flows))
		}
	}
	const ofBundle = 200 // bytes of a flow: a bundle keeps more of each
	few, many := heapOfBundle(t, small), heapOfBundle(t, large)
	t.Logf("a bundle: %d KiB for 500 flows, %d KiB for %d", few>>10, many>>10, flows)
	if more := many - few; more > int64(flows)*ofBundle {
		t.Errorf("a bundle: %d bytes of a flow", more/int64(flows))
	}
}

// heapOfStream is what the heap has in the middle of another reading of a capture's flows.
func heapOfStream(t *testing.T, r intake.Reader, path string) (half int64) {
	t.Helper()
	s := r.Stream(t.Context(), path)
	if s == nil {
		t.Fatal("it is read whole")
	}
	defer s.Close()
	n := 0
	for _, err := range s.Flows() {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == s.Capture.Selected/2 {
			half = liveHeap()
		}
	}
	if n != s.Capture.Selected {
		t.Errorf("%d flows", n)
	}
	return half
}

// Every HAR of the tests, recorded as a capture, is judged and returned by a Stream as by Read.
func TestStream_isWhatReadReturns(t *testing.T) {
	tables := loadTables(t)
	dirs := []string{judgement}
	if fulltest.On() {
		dirs = append(dirs, filepath.Join("..", "..", "cmd", "detour", "testdata", "recorded"))
	}
	for _, dir := range dirs {
		for _, path := range recordedHARs(t, dir) {
			sameAsRead(t, tables, recordedFrom(t, read(t, tables, path, true)))
		}
	}
	sameAsRead(t, tables, captureOf(t, fulltest.Or(510, 3000))) // the 500th flow fails
}

// recordedFrom writes a capture with the flows of another.
func recordedFrom(t *testing.T, c *flow.Capture) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run"+disk.Ext)
	f, err := disk.Create(path, disk.Header{Creator: "detour test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Write(disk.Batch{Flows: c.Flows, Findings: c.Findings}), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func sameAsRead(t *testing.T, tables *aws.Tables, path string) {
	t.Helper()
	r := intake.Reader{Tables: tables, Whole: true}
	want, err := r.Read(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	s := r.Stream(t.Context(), path)
	if s == nil {
		t.Fatalf("%s is read whole", path)
	}
	defer s.Close()
	got := *s.Capture
	for f, err := range s.Flows() {
		if err != nil {
			t.Fatal(err)
		}
		got.Flows = append(got.Flows, f)
	}
	if d := cmp.Diff(want, &got, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-Read +Stream):\n%s", path, d)
	}
}

package diagnose

import (
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/flow"
)

// A Stream finds what Run does where healthy flows decide: which hosts responded meanwhile, what was
// resolved and when, and whether a page went on after a call that it cancelled.
func TestStream_findsWhatRunDoes(t *testing.T) {
	healthy := func(from flow.ID, change func(f *flow.Flow)) (out []*flow.Flow) {
		for i := range flow.ID(5) {
			f := answered(from+i, flow.OriginDirect, logs, "203.0.113.5", "DescribeLogGroups")
			f.Times = flow.Times{Start: after(float64(10 + i)), FirstByte: after(float64(10+i) + 0.02), Done: after(float64(10+i) + 0.04)}
			f.Conn.Start = after(float64(9 + i))
			if change != nil {
				change(f)
			}
			out = append(out, f)
		}
		return out
	}
	none := func(f *flow.Flow) { f.Response.Status = 204 }
	const lost = flow.DialLost
	for name, flows := range map[string][]*flow.Flow{
		"others respond":        append(story(), healthy(20, none)...),
		"a call succeeds later": append([]*flow.Flow{refusal(1, "203.0.113.5", 503, nil)}, healthy(20, none)...),
		"another call succeeds": append([]*flow.Flow{refusal(1, "203.0.113.5", 503, nil)}, healthy(20, func(f *flow.Flow) { f.AWS.Operation = "X" })...),
		"a connect is accepted": {
			relayed(1), lateCall(2, dial(2, 0, 5, lost, lost), 0, 5, false), lateCall(3, dial(3, 6, 7, flow.DialConnected, lost), 6, 8, true),
			reusedBy(lateCall(4, dial(3, 6, 7, flow.DialConnected, lost), 8, 9, true)),
		},
		"the page goes on": append([]*flow.Flow{relayed(1), with(call(2, flow.OriginDirect, metrics, "GetMetricData"), func(f *flow.Flow) {
			f.Failure = &flow.Failure{Stage: flow.StageWait, Kind: flow.KindAborted}
			f.Source, f.Times.Done = flow.SourceHAR, after(9.9)
		})}, healthy(20, nil)...),
		"the page reloads": append([]*flow.Flow{with(call(2, flow.OriginDirect, metrics, "GetMetricData"), func(f *flow.Flow) {
			f.Failure = &flow.Failure{Stage: flow.StageWait, Kind: flow.KindAborted}
			f.Source = flow.SourceHAR
		})}, healthy(20, func(f *flow.Flow) {
			f.Origin, f.Request.Method, f.Request.URL = flow.OriginConsole, "GET", f.Page
		})...),
	} {
		slices.SortFunc(flows, func(a, b *flow.Flow) int { return int(a.ID) - int(b.ID) }) //nolint:gosec // small
		now := t0.Add(time.Hour)
		want := Run(flows, now)
		s := NewStream(now)
		for _, f := range flows {
			s.Add(f)
		}
		if d := cmp.Diff(want, s.Findings(nil)); d != "" || len(want) == 0 && name != "the page reloads" && name != "the page goes on" {
			t.Errorf("%s: %d findings (-Run +Stream):\n%s", name, len(want), d)
		}
	}
}

// A Stream keeps little of healthy calls to an interface endpoint, also of those in a HAR whose exporter leaves
// requests out.
func TestStream_keepsLittleOfPrivateCalls(t *testing.T) {
	const n, most = 2000, 100 // flows, and the bytes of one
	live := func() int {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc) //nolint:gosec // a size
	}
	s := NewStream(after(3600))
	add := func(from flow.ID) {
		for i := range flow.ID(n) {
			f := answered(from+i, flow.OriginDirect, logs, "10.0.1.24", "DescribeLogGroups")
			f.Exporter, f.Times.Done, f.Conn.Attempts[0].Took = flow.ExporterChromium, after(1), time.Millisecond
			f.Conn.Resolution = &flow.Resolution{Name: logs, Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.24")}, Start: t0, Took: 1}
			s.Add(f)
		}
	}
	add(1)
	before := live()
	add(1 + n)
	if took := (live() - before) / n; took > most {
		t.Errorf("%d bytes of a call", took)
	}
	if found := s.Findings(nil); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

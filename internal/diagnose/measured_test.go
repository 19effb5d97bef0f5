package diagnose

import (
	"slices"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestRanges_factsThatDifferInTheDurationAreOneSentence(t *testing.T) {
	const ms = time.Millisecond
	var g group
	for _, took := range []time.Duration{270 * ms, 68 * ms, 94 * ms, 21 * time.Second} {
		g.flows = append(g.flows, &flow.Flow{Times: flow.Times{Start: time.Unix(0, 0), Done: time.Unix(0, 0).Add(took)}})
	}
	got := g.ranges(func(f *flow.Flow) []measured {
		took := f.Times.Done.Sub(f.Times.Start)
		after := ": reset"
		if took > time.Second {
			after = ": timeout"
		}
		return []measured{{"logs: failed after ", after, took}}
	})
	if want := []string{"logs: failed after 68 ms to 270 ms: reset", "logs: failed after 21.0 s: timeout"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRun_manyFailuresOfOneKindAreOneLine(t *testing.T) {
	var flows []*flow.Flow
	for i := range flow.ID(60) {
		f := call(i+1, flow.OriginDirect, logs, "DescribeLogGroups")
		f.Source, f.Conn, f.Request.URL = flow.SourceHAR, &flow.Conn{}, "https://"+logs+"/"
		f.Failure = &flow.Failure{Stage: flow.StageDial, Kind: flow.KindRefused, Message: "net::ERR_CONNECTION_REFUSED"}
		f.Times.Done = f.Times.Start.Add(time.Duration(50+i) * time.Millisecond)
		flows = append(flows, f)
	}
	found := Run(flows, flows[0].Times.Done.Add(time.Hour))
	if len(found) == 0 || found[0].Code != "connect-refused" {
		t.Fatalf("got %+v", found)
	}
	const want = logs + ": net::ERR_CONNECTION_REFUSED after 50 ms to 109 ms"
	n := 0
	for _, b := range found[0].Because {
		if b == want {
			n++
		}
	}
	if n != 1 || len(found[0].Because) > 6 {
		t.Errorf("%d lines of evidence, %d of them %q: %q", len(found[0].Because), n, want, found[0].Because)
	}
}

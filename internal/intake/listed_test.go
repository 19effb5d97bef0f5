package intake_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/ui/flowtest"
)

// TestRead_theFindingsOfSomeFlowsAreThoseOfAll: on every way, finding:CODE reads the flows that the
// finding lists, and the finding says what all flows show.
func TestRead_theFindingsOfSomeFlowsAreThoseOfAll(t *testing.T) {
	tables := loadTables(t)
	path := filepath.Join(judgement, "chromium-devtools-sg-drop.har")
	whole := read(t, tables, path, true)
	want := whole.Findings[0]
	keep, err := filter.Parse("finding=" + want.Code)
	if err != nil {
		t.Fatal(err)
	}
	for way, file := range map[string]string{"HAR": path, "capture": stored(t, whole), "JSON Lines": exported(t, whole, "jsonl")} {
		got, err := intake.Reader{Tables: tables, Keep: keep}.Read(t.Context(), file)
		if err != nil || len(got.Flows) != len(want.Flows) || len(got.Findings) == 0 {
			t.Errorf("%s: %d flows, %+v, %v", way, len(got.Flows), got.Findings, err)
			continue
		}
		if got, want := said(got.Findings[:1]), said(whole.Findings[:1]); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", way, got, want)
		}
	}
}

// TestRead_aChosenCallIsResolvedByOneThatIsNot: what came later shows that the problem is over,
// whether or not it is exported.
func TestRead_aChosenCallIsResolvedByOneThatIsNot(t *testing.T) {
	tables := loadTables(t)
	failed := stuckFrom(1, "172.16.8.5", "10.0.1.23")
	failed.Marked = true
	host := failed.Conn.Resolution.Name
	fixed := flowtest.Call(2, flowtest.At(60_000), flow.OriginDirect, host, "monitoring", "CloudWatch", "GetMetricData")
	fixed.Conn = flowtest.Healthy(2, fixed.Times.Start, host, "10.0.1.23")
	c := &flow.Capture{Flows: []*flow.Flow{failed, flowtest.Answered(fixed, 200, time.Second)}}
	path := stored(t, c)
	keep, err := filter.Parse("is:failed")
	if err != nil {
		t.Fatal(err)
	}
	for way, file := range map[string]string{"capture": path, "JSON Lines": exported(t, read(t, tables, path, true), "jsonl")} {
		for _, r := range []intake.Reader{{}, {Marked: true}, {Keep: keep}, {Keep: keep, Whole: true}, {Marked: true, Strict: true}, {Keep: keep, Max: 9}} {
			r.Tables = tables
			got, err := r.Read(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(got.Findings, func(f flow.Finding) bool { return f.Code == "private-endpoint-unreachable" && f.Resolved }) {
				t.Errorf("%s, marked %v, filtered %v, strict %v: %+v", way, r.Marked, !r.Keep.Empty(), r.Strict, got.Findings)
			}
			if all := r.Keep.Empty() && !r.Marked; !all && (len(got.Flows) != 1 || got.Flows[0].ID != 1 || got.Selected != 1) {
				t.Errorf("%s: %d flows, %d selected", way, len(got.Flows), got.Selected)
			}
			if r.Whole != (len(got.Flows[0].Request.Headers) > 0) {
				t.Errorf("%s, whole %v: %d header fields", way, r.Whole, len(got.Flows[0].Request.Headers))
			}
		}
	}
}

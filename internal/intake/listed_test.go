package intake_test

import (
	"path/filepath"
	"testing"

	"detour/internal/aws"
	"detour/internal/filter"
	"detour/internal/intake"
)

// TestRead_theFindingsOfSomeFlowsAreThoseOfAll: on every way, finding:CODE reads the flows that the
// finding lists, and the finding says what all flows show.
func TestRead_theFindingsOfSomeFlowsAreThoseOfAll(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "judgement", "chromium-devtools-sg-drop.har")
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

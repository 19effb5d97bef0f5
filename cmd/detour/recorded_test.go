package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

// recordings are the HARs that browsers' Network panels saved of the lab's page in a fault,
// without detour in between: BROWSER-FAULT.har. To make them anew:
//
//	go test -run TestLab_allFaults ./cmd/detour -faults=. -fault-ways=chromium-har,firefox-har -fault-save=testdata/recorded
const recordings = "testdata/recorded"

// TestRecorded_everyBrowsersOwnHAR: each leads to the right verdict, or to an unsure one.
func TestRecorded_everyBrowsersOwnHAR(t *testing.T) {
	byName := make(map[string]fault)
	for _, f := range faults() {
		byName[f.name] = f
	}
	files, err := filepath.Glob(filepath.Join(recordings, "*.har"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".har")
		browser, of, _ := strings.Cut(name, "-")
		f, ok := byName[of]
		if !ok {
			t.Errorf("%s is of no fault", file)
			continue
		}
		var v verdict
		v.found, v.err = diagnosedFile(file)
		want := f.of(browser + "-har")
		if unnamed := v.unnamed(f.hosts(browser + "-har")); unnamed != nil {
			t.Errorf("%s: %s doesn't name %v", name, v.codes(), unnamed)
		}
		if mark := v.mark(want, f.not); mark != markRight && mark != markUnsure {
			t.Errorf("%s: %s: %q %v, want %+v", name, mark, v.codes(), v.err, want)
			for _, found := range v.found {
				t.Logf("    %s: %s", found.Level, found.Title)
			}
		}
	}
}

// diagnosedFile are the findings of `detour diagnose` for a file. Its exit code has to say
// whether one is a problem.
func diagnosedFile(file string) ([]flow.RecordFinding, error) {
	var out, errs bytes.Buffer
	code := run([]string{"diagnose", "--json", file}, &out, &errs)
	var d diagnosis
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		return nil, fmt.Errorf("%w: %s%s", err, out.String(), errs.String())
	}
	want := exitDone
	if slices.ContainsFunc(d.Findings, func(f flow.RecordFinding) bool { return f.Level == flow.LevelProblem && !f.Resolved }) {
		want = exitProblems
	}
	if code != want {
		return d.Findings, fmt.Errorf("exit code %d, want %d for %s", code, want, (verdict{found: d.Findings}).codes())
	}
	return d.Findings, nil
}

package intake_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/alias"
	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/intake"
)

// TestStrictJudging_saysWhatWasFound: of flows that only the run's judge has, too, and nothing that
// the run didn't find.
func TestStrictJudging_saysWhatWasFound(t *testing.T) {
	stuck, now := stuckFrom(1, "198.51.100.7", "10.0.1.23", "10.0.1.24"), time.Now()
	found := diagnose.RunOn(nil, []*flow.Flow{stuck}, now)
	if len(found) == 0 || found[0].Level != flow.LevelProblem {
		t.Fatalf("found are %+v", found)
	}
	for name, c := range map[string]struct {
		there, gone []*flow.Flow
		found       []flow.Finding
		want        int
	}{
		"a flow that is there":          {there: []*flow.Flow{stuck}, found: found[:1], want: 1},
		"a flow that is gone":           {gone: []*flow.Flow{stuck}, found: found[:1], want: 1},
		"one that is there and gone":    {there: []*flow.Flow{stuck}, gone: []*flow.Flow{stuck}, found: found[:1], want: 1},
		"what the run doesn't find":     {there: []*flow.Flow{stuck}},
		"what the flows don't show":     {found: found[:1]},
		"the same code, and no request": {there: []*flow.Flow{stuck}, found: []flow.Finding{{Code: "other"}}},
	} {
		strict := intake.NewStrict(new(alias.Table))
		j := &intake.StrictJudging{Strict: strict, Gone: func() []*flow.Flow { return c.gone }}
		var redacted []*flow.Flow
		for _, f := range c.there {
			redacted = append(redacted, strict.Flow(f))
		}
		for range 2 {
			got := j.Judge(c.there, redacted, c.found, now)
			if len(got) != c.want {
				t.Errorf("%s: %d findings, want %d", name, len(got), c.want)
				continue
			}
			for i, f := range got {
				if d := cmp.Diff([]any{c.found[i].Code, c.found[i].Level, c.found[i].Flows}, []any{f.Code, f.Level, f.Flows}); d != "" {
					t.Errorf("%s: %s", name, d)
				}
				text := fmt.Sprintf("%+v", f)
				want(t, text, "private-", "client-1")
				if len(privateIn(fmt.Sprint(f.Title, f.Because, f.Try))) > 0 {
					t.Errorf("%s: it has an address: %s", name, text)
				}
			}
		}
	}
}

// TestStrictJudging_takesTheRunsWord: whether a problem is resolved, or matters.
func TestStrictJudging_takesTheRunsWord(t *testing.T) {
	stuck, now := stuckFrom(1, "192.168.50.2", "10.0.1.23"), time.Now()
	found := diagnose.RunOn(nil, []*flow.Flow{stuck}, now)[:1]
	found[0].Level, found[0].Resolved, found[0].ResolvedAt, found[0].Confidence = flow.LevelNotice, true, now, flow.ConfidenceLow
	strict := intake.NewStrict(new(alias.Table))
	got := (&intake.StrictJudging{Strict: strict}).Judge([]*flow.Flow{stuck}, []*flow.Flow{strict.Flow(stuck)}, found, now)
	if len(got) != 1 || got[0].Level != flow.LevelNotice || !got[0].Resolved || !got[0].ResolvedAt.Equal(now) || got[0].Confidence != flow.ConfidenceLow || got[0].Asks != nil {
		t.Errorf("it is %+v", got)
	}
}

package diagnose

import (
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/diagnose/nextstep"
	"detour/internal/diagnose/unjudged"
	"detour/internal/flow"
)

// A rule that panics costs its own finding, and the findings say so.
func TestRules_onePanicCostsOneRule(t *testing.T) {
	now := t0.Add(time.Hour)
	flows := byID(slices.Concat(trials()["connect-refused"].fires, trials()["access-denied"].fires))
	for i, f := range flows {
		copied := *f
		copied.ID = flow.ID(i + 1)
		flows[i] = &copied
	}
	before := plainCodes(Run(flows, now))
	if !slices.Contains(before, "connect-refused") || !slices.Contains(before, "access-denied") {
		t.Fatalf("without a panic: %v", before)
	}
	for what, breaks := range map[string]func(*Rule){
		"match":   func(r *Rule) { r.match = func(*flow.Flow, time.Time) bool { panic("test") } },
		"among":   func(r *Rule) { r.among = func(*flow.Flow, time.Time, *overview) bool { panic("test") } },
		"explain": func(r *Rule) { r.explain = func(group) flow.Finding { panic("test") } },
	} {
		rules := Rules()
		breaks(&rules[slices.IndexFunc(rules, func(r Rule) bool { return r.Code == "connect-refused" })])
		o := newOverviewOf(rules, slices.Values(flows))
		for _, f := range flows {
			o.note(f, now)
		}
		o.conclude(now)
		found := findings(judgeAll(o, now, nextstep.SystemOf(nil)))
		codes := plainCodes(found)
		i := slices.Index(codes, unjudged.Code)
		if i < 0 || !slices.Contains(codes, "access-denied") || slices.Contains(codes, "connect-refused") {
			t.Errorf("%s: %v", what, codes)
			continue
		}
		if f := found[i]; f.Level != flow.LevelProblem || len(f.Asks) == 0 || !strings.Contains(f.Title, "connect-refused") || len(f.Flows) == 0 || len(f.Hosts) == 0 || f.Confidence != flow.ConfidenceHigh {
			t.Errorf("%s: %+v", what, f)
		}
		for _, codes := range ByFlow(found) {
			if slices.Contains(codes, unjudged.Code) {
				t.Errorf("%s: it is taken for the reason of a failure", what)
			}
		}
		if p := o.broken["connect-refused"]; len(o.broken) != 1 || p == nil || p.Panic.Value != "test" {
			t.Errorf("%s: %+v", what, o.broken)
		}
	}
}

func plainCodes(found []flow.Finding) (codes []string) {
	for _, f := range found {
		codes = append(codes, f.Code)
	}
	return codes
}

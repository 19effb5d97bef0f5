package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestTracker_aFindingNeitherFlapsNorVanishesUnread(t *testing.T) {
	var tr Tracker
	at := func(s float64) time.Time { return t0.Add(time.Duration(s * float64(time.Second))) }
	a := flow.Finding{Code: "a", Level: flow.LevelProblem}
	early := flow.Finding{Code: "b", Level: flow.LevelProblem, Provisional: true}
	for _, step := range []struct {
		at    float64
		found []flow.Finding
		want  string
	}{
		{0, []flow.Finding{a, early}, "a b?"},
		{0.5, []flow.Finding{a}, "a b?"}, // held
		{1, []flow.Finding{early}, "b? a"},
		{1.5, nil, "b? a"},
		{3.1, nil, "a resolved"}, // what was said too early is dropped
		{200, nil, "a resolved"},
		{201, []flow.Finding{a}, "a"}, // again
		{202, nil, "a"},
		{204, nil, "a resolved"},
		{600, nil, ""},
	} {
		var got []string
		for _, f := range tr.Update(step.found, at(step.at)) {
			s := f.Code
			if f.Provisional {
				s += "?"
			}
			if f.Resolved {
				s += " resolved"
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != step.want {
			t.Errorf("at %v s: %q, want %q", step.at, strings.Join(got, " "), step.want)
		}
	}
}

package notice

import (
	"testing"

	"detour/internal/flow"
)

func TestWatch_countsByCode(t *testing.T) {
	p := func(code string, resolved bool) flow.Finding {
		return flow.Finding{Code: code, Level: flow.LevelProblem, Title: code, Resolved: resolved}
	}
	var w problemCounts
	for i, c := range []struct {
		fs   []flow.Finding
		want string
	}{
		{[]flow.Finding{p("a", false)}, ""},
		{[]flow.Finding{p("a", false), p("b", false)}, "b"},
		{nil, ""},
		{[]flow.Finding{p("a", false), p("b", false)}, ""}, // it flaps
		{[]flow.Finding{p("a", false), p("a", false)}, "a"},
		{[]flow.Finding{p("c", true)}, ""},
	} {
		if f, _ := w.fresh(c.fs); f.Code != c.want {
			t.Errorf("%d: %q is new, want %q", i, f.Code, c.want)
		}
	}
}

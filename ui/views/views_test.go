package views

import (
	"testing"

	"detour/internal/flow"
	"detour/ui/flowtest"
	"detour/ui/table"
)

func TestAll_countTheStory(t *testing.T) {
	claims := ClaimsOf(flowtest.Findings(false))
	want := map[string]int{
		"calls": 6, "direct": 4, "problems": 3, "hosts": 6, "pages": 6, Every: 9, "tunnels": 1, "marked": 0, "operations": 6,
	}
	for _, v := range All() {
		n := 0
		for _, f := range flowtest.Story(true) {
			if v.Has == nil || v.Has(table.Row{Flow: f, Now: flowtest.At(60_000), Claim: claims.Levels[f.ID]}) {
				n++
			}
		}
		if n != want[v.Name] {
			t.Errorf("%s has %d flows, want %d", v.Name, n, want[v.Name])
		}
	}
	if _, ok := Named("none"); ok {
		t.Error("there is a view named none")
	}
}

// TestClaimsOf_aNoticeClaimsNothing: it may list every flow of a run.
func TestClaimsOf_aNoticeClaimsNothing(t *testing.T) {
	c := ClaimsOf([]flow.Finding{{Code: "n", Level: flow.LevelNotice, Flows: []flow.ID{1, 2}}, {Code: "p", Level: flow.LevelProblem, Flows: []flow.ID{2}}})
	if c.Levels[1] != "" || c.Levels[2] != flow.LevelProblem || len(c.Codes[2]) != 2 || c.Codes[1][0] != "n" {
		t.Errorf("%+v", c)
	}
}

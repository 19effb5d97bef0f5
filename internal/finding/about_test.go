package finding

import (
	"slices"
	"testing"

	"detour/internal/flow"
)

func TestAbout_keepsWhatListsTheFlows(t *testing.T) {
	found := []flow.Finding{{Code: "a", Resolved: true, Flows: []flow.ID{1, 2, 3}}, {Code: "b", Flows: []flow.ID{4}}, {Code: "c"}}
	got := About(found, []*flow.Flow{{ID: 2}, {ID: 3}})
	if len(got) != 1 || got[0].Code != "a" || !got[0].Resolved || !slices.Equal(got[0].Flows, []flow.ID{2, 3}) {
		t.Errorf("%+v", got)
	}
	if !slices.Equal(found[0].Flows, []flow.ID{1, 2, 3}) {
		t.Errorf("it was written to: %+v", found)
	}
}

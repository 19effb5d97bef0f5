package ui

import (
	"slices"
	"testing"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// inspected are the findings of the story behind a TLS-inspecting proxy: its CA issued every
// certificate, so its notice lists all flows.
func inspected(flows []*flow.Flow) []flow.Finding {
	notice := flow.Finding{
		Code: "tls-intercepted", Level: flow.LevelNotice, Confidence: flow.ConfidenceHigh,
		Title:   "the certificates come from a private CA: consistent with a TLS-inspecting proxy",
		Because: []string{"the certificate for " + flowtest.ConsoleHost + " is issued by CN=Corp Inspection CA, which isn't a public CA"},
	}
	for _, f := range flows {
		notice.Flows = append(notice.Flows, f.ID)
	}
	return append(flowtest.Findings(false), notice)
}

// TestModel_aNoticeIsNeitherACallNorAProblem: it lists every flow, and yet the table has the rows
// that it has without it.
func TestModel_aNoticeIsNeitherACallNorAProblem(t *testing.T) {
	flows := flowtest.Story(true)
	rows := func(found []flow.Finding, view string) (ids []flow.ID) {
		m := newModel(flowtest.Start)
		for _, v := range builtIn() {
			if v.name == view {
				m.setView(v)
			}
		}
		m.accept(snapshot{flows: flows, findings: found}, flowtest.Start)
		for _, f := range m.rows {
			ids = append(ids, f.ID)
		}
		return ids
	}
	for _, v := range builtIn() {
		want := rows(flowtest.Findings(false), v.name)
		if got := rows(inspected(flows), v.name); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", v.name, got, want)
		}
	}
}

// TestFilter_findingMatchesWhatTheFindingLists: also a notice's, which no flow has as its own, and
// not what a flow's own end was taken for.
func TestFilter_findingMatchesWhatTheFindingLists(t *testing.T) {
	flows := flowtest.Story(true)
	found := inspected(flows)
	m := newModel(flowtest.Start)
	m.accept(snapshot{flows: flows, findings: found}, flowtest.Start)
	for _, f := range found {
		if err := m.setFilter("finding=" + f.Code); err != nil {
			t.Fatal(err)
		}
		listed := 0
		for _, x := range flows {
			if slices.Contains(f.Flows, x.ID) && m.inView(x) {
				listed++
			}
		}
		if len(m.rows) != listed || listed == 0 {
			t.Errorf("%s: %d rows, want %d", f.Code, len(m.rows), listed)
		}
	}
	m.accept(snapshot{flows: flows, findings: found[:1]}, flowtest.Start)
	if len(m.rows) != 0 {
		t.Errorf("a finding that is gone lists %d rows", len(m.rows))
	}
}

package ui

import (
	"slices"
	"testing"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/flowtest"
)

// newFilter is an expression that can be read.
func newFilter(t *testing.T, text string) filter.Filter {
	t.Helper()
	x, err := filter.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// window is a model with a window of so many lines.
func window(lines int, flows []*flow.Flow) *model {
	m := newModel(flowtest.Start)
	m.cursor.page = lines
	m.accept(snapshot{flows: flows}, flowtest.Start)
	return m
}

// onLine is the line of the window on which a flow is seen; -1 if it isn't.
func onLine(m *model, id flow.ID) int {
	top := m.cursor.top(m)
	for i := top; i < min(top+m.cursor.page, len(m.rows)); i++ {
		if m.rows[i].ID == id {
			return i - top
		}
	}
	return -1
}

func TestModel_followsTheNewestRowAtFirst(t *testing.T) {
	m := window(5, flowtest.Plains(1, 20))
	if got := onLine(m, 20); got != 4 {
		t.Errorf("the newest row is on line %d, want the last, 4", got)
	}
	m.accept(snapshot{flows: flowtest.Plains(1, 30)}, flowtest.Start)
	if got := onLine(m, 30); got != 4 {
		t.Errorf("after more rows, the newest is on line %d, want 4", got)
	}
}

func TestModel_selectionStaysWithItsFlowAndItsLine(t *testing.T) {
	flows := flowtest.Plains(1, 40)
	m := window(10, flows)
	m.cursor.move(m, -1) // selects 40, and stops following
	m.cursor.move(m, -1)
	m.cursor.move(m, -3)
	const want = 36
	check := func(when string, line int) {
		t.Helper()
		if m.cursor.id != want || m.cursor.current(m).ID != want {
			t.Fatalf("%s: flow %d is selected, want %d", when, m.cursor.id, want)
		}
		if got := onLine(m, want); got != line {
			t.Fatalf("%s: the selected row is on line %d, want %d", when, got, line)
		}
	}
	check("at first", 5)
	flows = append(flows, flowtest.Plains(41, 60)...)
	m.accept(snapshot{flows: flows}, flowtest.Start)
	check("after rows arrived", 5)
	flows = flows[20:]
	m.accept(snapshot{flows: flows}, flowtest.Start)
	check("after rows were evicted above it", 5)

	_ = m.setFilter("describe3") // 30 to 39
	if m.cursor.id != want {
		t.Fatal("a filter that shows the row moved the selection")
	}
	_ = m.setFilter("describe50")
	if m.cursor.id != want || onLine(m, want) != -1 {
		t.Fatal("a filter that hides the row moved the selection")
	}
	_ = m.setFilter("")
	check("after a filter was taken away", 5)

	f := *m.flow(want)
	f.Rev++
	flows = slices.Clone(flows)
	flows[slices.IndexFunc(flows, func(g *flow.Flow) bool { return g.ID == want })] = &f
	m.accept(snapshot{flows: flows}, flowtest.Start)
	if m.cursor.current(m) != &f {
		t.Error("the selection didn't take over the flow's new revision")
	}

	m.accept(snapshot{flows: flowtest.Plains(50, 80)}, flowtest.Start)
	if got := m.cursor.current(m); got == nil || got.ID != want || !m.cursor.gone {
		t.Errorf("after its eviction the selection is %v (gone %v), want flow %d as last known", got, m.cursor.gone, want)
	}
	m.cursor.move(m, 1)
	if m.cursor.id != 50 {
		t.Errorf("one down from an evicted row is %d, want the next that is there, 50", m.cursor.id)
	}
}

func TestModel_movingFromAHiddenSelectionGoesToItsNeighbours(t *testing.T) {
	for n, want := range map[int]flow.ID{1: 13, -1: 3} {
		m := window(10, flowtest.Plains(1, 20))
		m.cursor.pin(m, 6) // flow 7
		_ = m.setFilter("3")
		m.cursor.move(m, n)
		if m.cursor.id != want {
			t.Errorf("%+d from hidden row 7 among 3 and 13 is %d, want %d", n, m.cursor.id, want)
		}
	}
}

func TestModel_followAgain(t *testing.T) {
	m := window(5, flowtest.Plains(1, 20))
	m.cursor.pin(m, 3)
	m.cursor.follow()
	m.accept(snapshot{flows: flowtest.Plains(1, 25)}, flowtest.Start)
	if got := onLine(m, 25); got != 4 || !m.cursor.following() {
		t.Errorf("the newest row is on line %d, want 4", got)
	}
}

func TestModel_moveStaysWithinTheRows(t *testing.T) {
	m := window(5, flowtest.Plains(1, 20))
	m.cursor.pin(m, 0)
	for n, want := range map[int]flow.ID{-1: 1, -100: 1, 100: 20} {
		m.cursor.move(m, n)
		if m.cursor.id != want || onLine(m, want) < 0 {
			t.Errorf("move %d: flow %d on line %d, want %d in sight", n, m.cursor.id, onLine(m, m.cursor.id), want)
		}
		m.cursor.pin(m, 0)
	}
	empty := window(5, nil)
	empty.cursor.move(empty, 1)
	empty.cursor.pin(empty, 0)
	if empty.cursor.current(empty) != nil {
		t.Error("a row is selected where there is none")
	}
}

func TestModel_shrunkWindowKeepsTheSelectionInSight(t *testing.T) {
	m := window(20, flowtest.Plains(1, 100))
	m.cursor.pin(m, 95) // near the window's end
	m.cursor.page = 5
	if onLine(m, 96) < 0 {
		t.Error("the selected row is out of sight in a smaller window")
	}
}

func TestModel_defaultViewIsCallsAndWhateverWentWrong(t *testing.T) {
	m := window(20, flowtest.Story(true))
	ids := func() (out []flow.ID) {
		for _, f := range m.rows {
			out = append(out, f.ID)
		}
		return out
	}
	if got, want := ids(), []flow.ID{2, 3, 4, 5, 6, 7}; !slices.Equal(got, want) {
		t.Errorf("the default view has %v, want %v", got, want)
	}
	flows := slices.Clone(m.flows)
	beacon := *flows[8]
	beacon.Findings = []string{"page-measured-timeouts"}
	flows[8] = &beacon
	m.accept(snapshot{flows: flows, findings: []flow.Finding{{Code: "page-measured-timeouts", Level: flow.LevelNotice, Flows: []flow.ID{9}}}}, flowtest.Start)
	if got, want := ids(), []flow.ID{2, 3, 4, 5, 6, 7, 9}; !slices.Equal(got, want) {
		t.Errorf("with a finding about the beacon, the default view has %v, want %v", got, want)
	}
	m.setView(builtIn()[5])
	if len(m.rows) != 9 || m.viewed != 9 {
		t.Errorf("all flows: %d rows, want 9", len(m.rows))
	}
}

func TestModel_noiseOfTheBrowserStaysOutOfTheDefaultViewAlsoWhenItFails(t *testing.T) {
	noise := &flow.Flow{
		ID: 1, State: flow.StateDone, Origin: flow.OriginOther, Request: flow.Request{Method: "CONNECT", URL: "update.example.com:443"},
		Failure: &flow.Failure{Stage: flow.StageDNS}, Times: flow.Times{Start: flowtest.Start, Done: flowtest.Start},
	}
	m := window(5, []*flow.Flow{noise})
	if len(m.rows) != 0 {
		t.Error("a failed request to a host that isn't AWS's is shown")
	}
	if m.setView(builtIn()[5]); len(m.rows) != 1 {
		t.Error("it isn't among all flows")
	}
}

func TestModel_stuckFlowComesIntoViewAsTimePasses(t *testing.T) {
	f := &flow.Flow{
		ID: 1, State: flow.StateConnecting, Origin: flow.OriginSignIn, Request: flow.Request{
			Method: "GET",
			URL:    "https://signin.aws.amazon.com/",
		},
		Conn: flowtest.Conn(flowtest.Lookup(flowtest.Start, "signin.aws.amazon.com", "10.0.1.9"),
			flowtest.Attempt(flowtest.Start, "10.0.1.9", flow.DialPending, 0)), Times: flow.Times{Start: flowtest.Start},
	}
	m := window(5, []*flow.Flow{f})
	if m.tick(flowtest.At(2000)); len(m.rows) != 0 {
		t.Error("a young flow that is no AWS call is shown")
	}
	if m.tick(flowtest.At(3100)); len(m.rows) != 1 || !m.running() {
		t.Error("a flow that is stuck isn't shown")
	}
	if works, fails := m.verdict(); works.All != 0 || fails.All != 1 || fails.String() != "1 private host" {
		t.Errorf("works %d, fails %d hosts, want 0 and 1", works, fails)
	}
}

// TestModel_incrementalIsTheSameAsAnew takes the model through many changes and
// compares it with one that sees only the last state.
func TestModel_incrementalIsTheSameAsAnew(t *testing.T) {
	flows := flowtest.Story(false)
	m := window(10, nil)
	_ = m.setFilter("a")
	steps := []snapshot{
		{flows: flows[:3]},
		{flows: flows, findings: flowtest.Findings(true)},
		{flows: slices.Concat(flowtest.Story(true)[:6], flows[6:]), findings: flowtest.Findings(true)},
		{flows: flowtest.Story(true)[2:], findings: flowtest.Findings(false)},
		{flows: append(flowtest.Story(true)[3:], flowtest.Plains(20, 40)...), findings: flowtest.Findings(false)},
		{flows: append(flowtest.Story(true)[8:], flowtest.Plains(20, 60)...)},
	}
	for i, s := range steps {
		m.accept(s, flowtest.At(20_000))
		anew := newModel(flowtest.At(20_000))
		anew.filter = newFilter(t, "a")
		anew.accept(s, flowtest.At(20_000))
		if !slices.Equal(m.rows, anew.rows) || !slices.Equal(m.flags, anew.flags) || !slices.Equal(m.pending, anew.pending) {
			t.Errorf("step %d: rows or flags differ from a model that starts here", i)
		}
		if len(m.hosts) != len(anew.hosts) {
			t.Errorf("step %d: hosts %v, want %v", i, m.hosts, anew.hosts)
		}
		for h, c := range anew.hosts {
			if m.hosts[h] != c {
				t.Errorf("step %d: host %s counts %v, want %v", i, h, m.hosts[h], c)
			}
		}
	}
}

func TestModel_typingNarrowsAndDeletingWidens(t *testing.T) {
	m := window(10, flowtest.Story(true))
	for _, text := range []string{"l", "lo", "log", "logs", "logs x", "logs xy", "logs", "", "x y", "x"} {
		_ = m.setFilter(text)
		anew := newModel(flowtest.Start)
		anew.filter = newFilter(t, text)
		anew.accept(snapshot{flows: m.flows}, flowtest.Start)
		if !slices.Equal(m.rows, anew.rows) {
			t.Errorf("filter %q typed: %d rows, want the %d of a fresh start", text, len(m.rows), len(anew.rows))
		}
	}
}

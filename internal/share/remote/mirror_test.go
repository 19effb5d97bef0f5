package remote

import (
	"encoding/json"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/share"
)

func testMirror() *mirror { return newMirror(new(alias.Table), time.Now) }

// tells gives a mirror an event.
func tells(t testing.TB, m *mirror, name share.Name, data any) error {
	t.Helper()
	b, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.take(share.Event{Name: name, Data: b})
	return err
}

func TestMirror_isBoundedWhateverComes(t *testing.T) {
	m := testMirror()
	for i := range maxFlows + 500 {
		m.put(held{strictFlow(flow.ID(i+1), 1, i%2 == 0), 100})
	}
	if len(m.flows) != maxFlows || m.dropped != 500 || m.flows[0].ID != 501 || m.size != 100*maxFlows {
		t.Errorf("%d flows from #%d, %d dropped, %d bytes", len(m.flows), m.flows[0].ID, m.dropped, m.size)
	}
	m = testMirror()
	for _, i := range rand.New(rand.NewSource(1)).Perm(3 * maxBytes >> 20) {
		m.put(held{strictFlow(flow.ID(i+1), 1, true), 1 << 20})
		m.put(held{strictFlow(flow.ID(i+1), 1, true), 1 << 20})
	}
	if m.size > maxBytes || len(m.flows) != m.size>>20 {
		t.Errorf("%d flows with %d bytes", len(m.flows), m.size)
	}
	if !slices.IsSortedFunc(m.flows, func(a, b held) int { return int(a.ID) - int(b.ID) }) {
		t.Error("they aren't by ID")
	}
	m.remove([]flow.ID{m.flows[0].ID, m.flows[3].ID, 99999})
	if len(m.flows) != m.size>>20 {
		t.Errorf("after some went, %d flows with %d bytes", len(m.flows), m.size)
	}
	m.forget()
	if len(m.flows) != 0 || m.size != 0 {
		t.Errorf("it didn't forget %d flows, %d bytes", len(m.flows), m.size)
	}
}

func TestMirror_takesNothingThatIsntStrictOrHasForgedWords(t *testing.T) {
	m := testMirror()
	open := strictFlow(1, 1, true)
	open.Strict = false
	forged := strictFlow(2, 1, true)
	forged.Origin = "\x1b[2J"
	for name, err := range map[string]error{
		"not strict": tells(t, m, share.EventFlow, open),
		"origin":     tells(t, m, share.EventFlow, forged),
		"version":    tells(t, m, share.EventFlow, map[string]int{"v": 2, "id": 1}),
		"no record":  tells(t, m, share.EventFlow, map[string]int{"id": 1}),
		"code":       tells(t, m, share.EventFindings, share.Findings{Findings: []flow.RecordFinding{{Code: "a\x1b"}}}),
		"check":      tells(t, m, share.EventChecks, share.Checks{Checks: []flow.RecordCheck{{Kind: "\x1b"}}}),
		"JSON":       tells(t, m, share.EventSteps, []int{1}),
	} {
		if err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	if len(m.flows)+len(m.findings)+len(m.checks)+len(m.steps) != 0 {
		t.Errorf("it has %+v", m)
	}
	m.apply(share.Event{Name: share.EventFlow, Data: []byte("{")})
	if got := facts(m); got != "1 update unreadable · file " {
		t.Errorf("the head has %q", got)
	}
}

// TestMirror_textsForTheHeadAreSafe: they are drawn as they are.
func TestMirror_textsForTheHeadAreSafe(t *testing.T) {
	m := testMirror()
	const bad = "\x1b[31mred\u202e password=hunter2hunter2 "
	long := strings.Repeat(bad, 100)
	var facts []share.Fact
	for range 100 {
		facts = append(facts, share.Fact{Name: long, Value: long})
	}
	h := share.Hello{Title: long, Detour: long}
	m.begin(h)
	if err := tells(t, m, share.EventState, share.State{Facts: facts, Badge: long}); err != nil {
		t.Fatal(err)
	}
	if err := tells(t, m, share.EventSteps, share.Steps{Steps: []flow.Step{{Text: long}}}); err != nil {
		t.Fatal(err)
	}
	m.finish(long)
	shown := []string{m.About().Title, m.About().Detour, m.state.Badge, m.Steps()[0].Text}
	for _, f := range m.Facts() {
		shown = append(shown, f.Name, f.Value)
	}
	if len(shown) > 50 {
		t.Errorf("the head has %d texts", len(shown))
	}
	for _, s := range shown {
		if strings.ContainsAny(s, "\x1b\u202e") || strings.Contains(s, "hunter2") || len(s) > 2*maxText {
			t.Errorf("it shows %q", s)
		}
	}
}

func TestMirror_aNewStreamWithResetForgets(t *testing.T) {
	m := testMirror()
	m.begin(share.Hello{Reset: true})
	_ = tells(t, m, share.EventFlow, strictFlow(1, 1, true))
	m.begin(share.Hello{})
	if len(m.Flows()) != 1 {
		t.Error("a stream that goes on has forgotten the flow")
	}
	m.begin(share.Hello{Reset: true})
	if len(m.Flows()) != 0 {
		t.Error("the flow is still there")
	}
}

// TestMirror_theClockOfAFileStandsStill: its flows in progress are as old as they were.
func TestMirror_theClockOfAFileStandsStill(t *testing.T) {
	m := testMirror()
	at := time.Date(2026, 11, 24, 10, 28, 0, 0, time.UTC)
	m.begin(share.Hello{Now: at, Reset: true})
	if err := tells(t, m, share.EventState, share.State{Now: at, Recorded: true}); err != nil {
		t.Fatal(err)
	}
	if got := m.Now(); !got.Equal(at) || !m.Recorded() {
		t.Errorf("it is %v, recorded: %v", got, m.Recorded())
	}
}

func FuzzApply(f *testing.F) {
	names := []share.Name{
		share.EventHello, share.EventState, share.EventNames, share.EventFlow, share.EventGone, share.EventFindings, share.EventSteps,
		share.EventChecks, share.EventCursor, share.EventGap, share.EventEnd, "other",
	}
	whole := strictFlow(1, 1, true)
	b, _ := json.Marshal(whole)
	f.Add(uint8(3), string(b))
	f.Add(uint8(5), `{"findings":[{"code":"a","level":"problem","flows":[3,1],"names":{"10.0.0.1":"private-1"},"proof":{"verdict":"proven"}}]}`)
	f.Add(uint8(6), `{"steps":[{"at":"2026-11-24T10:28:00Z","text":"x"}]}`)
	f.Add(uint8(7), `{"checks":[{"id":1,"kind":"once","hosts":[{"authority":"h:1","addresses":[{"last":{}}]}]}]}`)
	f.Add(uint8(1), `{"facts":[{"name":"a","value":"b"}],"now":"2026-11-24T10:28:00Z","watching":-1}`)
	f.Add(uint8(9), `{"lost":-9223372036854775808}`)
	f.Fuzz(func(t *testing.T, which uint8, data string) {
		m := testMirror()
		_ = tells(t, m, share.EventFlow, whole)
		m.apply(share.Event{Number: 1, Name: names[int(which)%len(names)], Data: []byte(data)})
		_, _ = m.Facts(), m.Now()
		for _, x := range m.Flows() {
			if !x.Strict || x.ID == 0 {
				t.Errorf("it has %+v", x)
			}
			r := x.Record()
			if !r.Valid() {
				t.Errorf("it has forged words: %+v", r)
			}
		}
		for _, x := range m.Findings() {
			r := x.Record()
			if !r.Valid() || !slices.IsSorted(x.Flows) {
				t.Errorf("it has the finding %+v", x)
			}
		}
		if m.lost < 0 || len(m.Flows()) > 2 {
			t.Errorf("%d left out, %d flows", m.lost, len(m.Flows()))
		}
	})
}

// TestMirror_forgetsWhatWasLeftOut: once all of it has come.
func TestMirror_forgetsWhatWasLeftOut(t *testing.T) {
	m := newMirror(new(alias.Table), time.Now)
	for _, c := range []struct{ lost, want int }{{3, 3}, {4, 7}, {0, 0}, {2, 2}, {-1, 2}} {
		if err := tells(t, m, share.EventGap, share.Gap{Lost: c.lost}); err != nil || m.lost != c.want {
			t.Errorf("after %d more, %d were left out, want %d: %v", c.lost, m.lost, c.want, err)
		}
	}
}

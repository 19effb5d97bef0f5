package ui

import (
	"slices"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
	"detour/ui/pane"
)

// benchApp is a screen of 160×50 with a million rows, most of them the same flows again.
func benchApp(b *testing.B, keys string) (*app, pane.Canvas) {
	b.Helper()
	few := append(flowtest.Story(false), flowtest.Plains(10, 1000)...)
	rows := make([]*flow.Flow, 1_000_000)
	for i := range rows {
		rows[i] = few[i%len(few)]
	}
	s := tcell.NewSimulationScreen("UTF-8")
	if err := s.Init(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Fini)
	s.SetSize(160, 50)
	a := newApp(&stage{flows: few}, Actions{}, Options{AWS: awsNames()})
	a.screen = s
	a.theme, _ = pane.NewTheme("", 256)
	a.m.findings = flowtest.Findings(true)
	a.m.flows, a.m.rows, a.m.viewed, a.m.now = few, rows, len(rows), flowtest.At(13_300)
	c := pane.Canvas{Screen: s, Theme: a.theme, W: 160, H: 50}
	a.draw(c)
	for _, k := range keys {
		a.key(tcell.NewEventKey(tcell.KeyRune, k, tcell.ModNone))
	}
	return a, c
}

func benchFrames(b *testing.B, a *app, c pane.Canvas) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		a.m.rows = a.m.rows[:len(a.m.rows)-1-i%2] // every row moves
		c.Screen.Clear()
		a.draw(c)
		c.Screen.Show()
		a.m.rows = a.m.rows[:cap(a.m.rows)]
	}
}

// BenchmarkFrame draws and shows a whole screen over 1,000,000 rows, all of which move.
func BenchmarkFrame(b *testing.B) {
	a, c := benchApp(b, "")
	benchFrames(b, a, c)
}

// BenchmarkFrameDetail is the same with the detail pane open.
func BenchmarkFrameDetail(b *testing.B) {
	a, c := benchApp(b, "k")
	a.openDetail()
	benchFrames(b, a, c)
}

// BenchmarkTick takes over a snapshot of 50,000 flows of which one is new and one changed.
func BenchmarkTick(b *testing.B) { benchTicks(b, flowtest.Plains(1, 50_001)) }

// BenchmarkTickMillion is the same of 1,000,000 flows.
func BenchmarkTickMillion(b *testing.B) {
	few := flowtest.Plains(1, 1000)
	all := make([]flow.Flow, 1_000_001)
	flows := make([]*flow.Flow, len(all))
	for i := range flows {
		all[i] = *few[i%len(few)]
		all[i].ID = flow.ID(i + 1)
		flows[i] = &all[i]
	}
	benchTicks(b, flows)
}

// benchTicks goes from all flows but the last to all but the first, one of which has
// changed, and back.
func benchTicks(b *testing.B, flows []*flow.Flow) {
	b.Helper()
	n := len(flows) - 1
	older, newer := flows[:n:n], slices.Clone(flows[1:])
	changed := *newer[n/2]
	newer[n/2] = &changed
	m := newModel(flowtest.Start)
	m.accept(snapshot{flows: older}, flowtest.Start)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s := older
		if i%2 == 0 {
			s = newer
		}
		m.accept(snapshot{flows: s}, flowtest.Start)
		m.tick(flowtest.Start)
	}
}

// BenchmarkTickNewFindings is the same when the findings changed, so every flow is evaluated again.
func BenchmarkTickNewFindings(b *testing.B) {
	flows := flowtest.Plains(1, 50_000)
	m := newModel(flowtest.Start)
	b.ReportAllocs()
	for b.Loop() {
		m.accept(snapshot{flows: flows, findings: flowtest.Findings(false)}, flowtest.Start)
	}
}

// BenchmarkFilter is a key of a filter over 50,000 flows: one that filters all of them, as the first
// does, and one that follows it.
func BenchmarkFilter(b *testing.B) {
	m := newModel(flowtest.Start)
	m.accept(snapshot{flows: flowtest.Plains(1, 50_000)}, flowtest.Start)
	for _, text := range []string{"q", "e", "nothing has this", "10.9", "host:q", "status>=400", "service:q", "!q", "q or z", "is:denied", "é", "host~q$"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = m.setFilter(text)
				b.StopTimer()
				_ = m.setFilter("")
				b.StartTimer()
			}
		})
	}
	b.Run("typed", func(b *testing.B) {
		const text = "describe host:console"
		b.ReportAllocs()
		for b.Loop() {
			for i := range len(text) {
				_ = m.setFilter(text[:i])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N*len(text)), "ms/key")
	})
}

// BenchmarkFramePresenter is BenchmarkFrame on a masked screen.
func BenchmarkFramePresenter(b *testing.B) {
	a, c := benchApp(b, "kp")
	a.openDetail()
	c.Mask = a.panes.reading.Mask
	benchFrames(b, a, c)
}

// BenchmarkFrameBody is the first frame of a large body: it is laid out, and searched.
func BenchmarkFrameBody(b *testing.B) {
	a, c := benchApp(b, "k")
	a.openDetail()
	f := *a.m.cursor.flow
	f.Request.Headers = []flow.Header{{Name: "content-type", Value: "application/json"}}
	f.Request.Body = []byte(`{"list":[` + strings.Repeat(`{"name":"東京 value value value value value value","n":123456},`, 50_000))
	f.Request.BodySize = int64(len(f.Request.Body))
	a.m.cursor.flow, a.src = &f, &stage{flows: []*flow.Flow{&f}}
	a.panes.tab, a.panes.reading.Find = 1, "value"
	for b.Loop() {
		a.panes.page = detailPage{}
		c.Screen.Clear()
		a.draw(c)
		c.Screen.Show()
	}
}

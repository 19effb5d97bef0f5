package share

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/fault"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// rows is a Renderer that writes what it gets.
type rows struct{}

func (rows) Setup() []byte { return []byte(`{"columns":[]}`) }

func (rows) Row(f *flow.Flow, _ time.Time) []byte { return encode(f.Record()) }

func (rows) Findings(c flow.Capture, _ time.Time) []byte {
	return encode(map[string]any{"findings": c.Findings, "flows": c.Flows, "steps": c.Steps})
}

func feedOf(store *capture.Store) *Feed {
	return New(Config{Source: store, Strict: intake.NewStrict(new(alias.Table)), Renderer: rows{}, Now: time.Now, Run: "r", Kind: KindRun})
}

func call(id flow.ID, rev uint32, state flow.State) flow.Flow {
	f := flow.Flow{
		ID: id, Rev: rev, State: state, Source: flow.SourceProxy, Origin: flow.OriginDirect,
		Times:   flow.Times{Start: time.Now()},
		Request: flow.Request{Method: "POST", URL: fmt.Sprintf("https://logs.eu-central-1.amazonaws.com/%d", id), Headers: []flow.Header{{Name: "X-Amz-Target", Value: "Logs_20140328.DescribeLogGroups"}}},
	}
	if f.Final() {
		f.Times.Done, f.Response = f.Times.Start.Add(time.Second), &flow.Response{Status: 200}
	}
	return f
}

// A screen is what a watcher has, and how many events of each name it got.
type screen struct {
	flows  map[flow.ID]flow.Record
	events map[Name]int
	lost   int
	reset  int
	whole  bool // nothing is missing
	after  uint64
	end    string
	state  State
	seen   func(Event) // nil: nobody looks
}

func (s *screen) take(t *testing.T, e Event) {
	t.Helper()
	if s.flows == nil {
		s.flows, s.events = map[flow.ID]flow.Record{}, map[Name]int{}
	}
	if strings.ContainsAny(string(e.Data), "\r\n") || !json.Valid(e.Data) {
		t.Fatalf("%s: %q isn't one line of JSON", e.Name, e.Data)
	}
	read := func(v any) {
		if err := json.Unmarshal(e.Data, v); err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
	}
	if s.events[e.Name]++; s.seen != nil {
		s.seen(e)
	}
	if e.Number != 0 {
		if e.Number < s.after {
			t.Fatalf("%s: number %d comes after %d", e.Name, e.Number, s.after)
		}
		s.after = e.Number
	}
	switch e.Name { //nolint:exhaustive // the others are only counted
	case EventHello:
		var h Hello
		if read(&h); h.Reset {
			clear(s.flows)
			s.reset++
		}
	case EventFlow, EventRow:
		var r flow.Record
		if read(&r); r.Rev < s.flows[r.ID].Rev {
			t.Errorf("flow %d: revision %d comes after %d", r.ID, r.Rev, s.flows[r.ID].Rev)
		}
		s.flows[r.ID] = r
	case EventGone:
		var g Gone
		read(&g)
		for _, id := range g.IDs {
			delete(s.flows, id)
		}
	case EventGap:
		var g Gap
		read(&g)
		s.lost += g.Lost
		s.whole = g.Lost == 0
	case EventEnd:
		var end End
		read(&end)
		s.end = end.Why
	case EventState:
		read(&s.state)
	}
}

// drain reads until nothing comes within a moment of the test's clock, and returns how much did.
func (s *screen) drain(t *testing.T, w *Watcher, most int) (events int) {
	t.Helper()
	for ; most != 0; most-- {
		ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
		e, err := w.Next(ctx)
		stop()
		switch {
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF):
			return events
		case err != nil:
			t.Fatal(err)
		}
		s.take(t, e)
		events++
	}
	return events
}

// is fails unless the screen has what the store has.
func (s *screen) is(t *testing.T, store *capture.Store) {
	t.Helper()
	all := store.Flows()
	if len(s.flows) != len(all) {
		t.Errorf("it has %d flows, of %d", len(s.flows), len(all))
	}
	for _, f := range all {
		if got := s.flows[f.ID]; got.Rev != f.Rev || got.Final != f.Final() || got.Note != f.Note || got.Marked != f.Marked {
			t.Errorf("flow %d: it has revision %d of %d, final %v", f.ID, got.Rev, f.Rev, got.Final)
		}
	}
}

func TestFeed_showsWhatHappens(t *testing.T) {
	for _, opt := range []Options{{}, {Rows: true}} {
		synctest.Test(t, func(t *testing.T) {
			store := capture.New(capture.Options{})
			f := feedOf(store)
			for id := range flow.ID(10) {
				store.Put(call(id+1, 1, flow.StateDone))
			}
			store.Put(call(11, 1, flow.StateWaiting))
			w := f.Watch(opt)
			defer w.Close()
			var s screen
			s.drain(t, w, -1)
			s.is(t, store)
			if s.reset != 1 || !s.whole || s.lost != 0 || s.state.Watching != 1 || s.state.Flows != 11 {
				t.Errorf("at the beginning: %+v", s)
			}
			store.Put(call(11, 2, flow.StateDone))
			store.Put(call(12, 1, flow.StateWaiting))
			if err := errors.Join(store.Note(3, "look"), store.Mark(3)); err != nil {
				t.Fatal(err)
			}
			store.AddStep(flow.Step{At: time.Now(), Text: "reload"})
			f.SetCursor(12)
			s.drain(t, w, -1)
			s.is(t, store)
			if s.events[EventSteps] != 1 || s.events[EventCursor] != 1 {
				t.Errorf("the events are %v", s.events)
			}
			store.Clear()
			s.drain(t, w, -1)
			s.is(t, store)
			if len(s.flows) != 2 {
				t.Errorf("after all was cleared, it has %d flows", len(s.flows))
			}
			store.Put(call(12, 2, flow.StateDone))
			f.Finish("the run ended")
			s.drain(t, w, -1)
			s.is(t, store)
			if s.end != "the run ended" || s.state.Ended != s.end {
				t.Errorf("at the end: %q, %+v", s.end, s.state)
			}
			if _, err := w.Next(t.Context()); !errors.Is(err, io.EOF) {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}

// TestFeed_rowsInProgressAge: they say how long something has taken so far, though the flow hasn't
// changed.
func TestFeed_rowsInProgressAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := capture.New(capture.Options{})
		f := feedOf(store)
		defer f.End("over")
		w := f.Watch(Options{Rows: true})
		defer w.Close()
		open, done := call(1, 1, flow.StateConnecting), call(2, 1, flow.StateDone)
		store.Put(open)
		store.Put(done)
		var s screen
		s.drain(t, w, -1)
		made := map[flow.ID]int{}
		s.seen = func(e Event) {
			var r flow.Record
			if e.Name == EventRow && json.Unmarshal(e.Data, &r) == nil {
				made[r.ID]++
			}
		}
		for range 10 {
			time.Sleep(time.Second)
			s.drain(t, w, -1)
		}
		if n := made[1]; n < 8 || n > 14 || made[2] != 0 {
			t.Errorf("in 10 s, the row of the flow in progress was made %d times, and that of the other %d times", n, made[2])
		}
	})
}

func TestFeed_beatsWhileNothingHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feedOf(capture.New(capture.Options{}))
		w := f.Watch(Options{})
		defer w.Close()
		var s screen
		s.drain(t, w, -1)
		for range 4 {
			ctx, stop := context.WithTimeout(t.Context(), Heartbeat+lookEvery)
			e, err := w.Next(ctx)
			stop()
			if err != nil || e.Name != EventState {
				t.Fatalf("%s, %v", e.Name, err)
			}
		}
	})
}

func TestFeed_runsNothingWhileNobodyWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := capture.New(capture.Options{})
		f := feedOf(store)
		running := func() bool {
			synctest.Wait()
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.running != nil
		}
		if running() {
			t.Error("it runs before anybody watches")
		}
		a, b := f.Watch(Options{}), f.Watch(Options{Rows: true})
		if !running() || f.Watching() != 2 {
			t.Error("it doesn't run")
		}
		a.Close()
		a.Close()
		if !running() || f.Watching() != 1 {
			t.Error("it doesn't run for the other one")
		}
		b.Close()
		if running() || f.Watching() != 0 {
			t.Error("it runs on")
		}
		if _, err := b.Next(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("a closed watcher: %v", err)
		}
		store.Put(call(1, 1, flow.StateDone))
		c := f.Watch(Options{})
		defer c.Close()
		var s screen
		s.drain(t, c, -1)
		s.is(t, store)
	})
}

func TestFeed_endsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := capture.New(capture.Options{})
		for id := range flow.ID(100) {
			store.Put(call(id+1, 1, flow.StateDone))
		}
		f := feedOf(store)
		w := f.Watch(Options{})
		defer w.Close()
		var s screen
		s.drain(t, w, 10)
		f.End("sharing was stopped")
		late := f.Watch(Options{})
		defer late.Close()
		for _, w := range []*Watcher{w, late} {
			if e, err := w.Next(t.Context()); err != nil || e.Name != EventEnd || string(e.Data) != `{"why":"sharing was stopped"}` {
				t.Errorf("%s %s, %v", e.Name, e.Data, err)
			}
			if _, err := w.Next(t.Context()); !errors.Is(err, io.EOF) {
				t.Errorf("after the end: %v", err)
			}
		}
	})
}

// TestFeed_goesOnAfterACut: a watcher that comes again gets what it lacks, and nothing else if that
// is still there.
func TestFeed_goesOnAfterACut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := capture.New(capture.Options{Max: 1 << 16})
		f := feedOf(store)
		for id := range flow.ID(50) {
			store.Put(call(id+1, 1, flow.StateDone))
		}
		w := f.Watch(Options{})
		var s screen
		s.drain(t, w, -1)
		w.Close()
		time.Sleep(time.Minute)
		store.Clear()
		store.Put(call(60, 1, flow.StateDone))
		w = f.Watch(Options{After: s.after})
		flows := s.events[EventFlow]
		s.drain(t, w, -1)
		s.is(t, store)
		if s.reset != 1 || s.events[EventFlow] != flows+1 || s.lost != 0 {
			t.Errorf("%d resets, %d flows, %d lost", s.reset, s.events[EventFlow]-flows, s.lost)
		}
		w.Close()
		for id := range flow.ID(logSize + 10) {
			store.Put(call(id+100, 1, flow.StateDone))
		}
		other := f.Watch(Options{})
		defer other.Close()
		var o screen
		o.drain(t, other, -1)
		for _, after := range []uint64{s.after, 1 << 40} {
			w = f.Watch(Options{After: after})
			s.drain(t, w, -1)
			s.is(t, store)
			w.Close()
		}
		if s.reset != 3 || s.lost != 0 || !s.whole {
			t.Errorf("%d resets, %d lost, whole %v", s.reset, s.lost, s.whole)
		}
	})
}

// A ledger has all events of a feed, by number - 1.
type ledger []entry

// note adds what is new.
func (l *ledger) note(f *Feed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n := uint64(len(*l)) + 1; n <= f.log.last; n++ {
		*l = append(*l, f.log.at(n))
	}
}

// between returns what the events after one and up to another count: those that a watcher which
// got the last one hasn't and no newer event has, and all. last is the name of the last one.
func (l *ledger) between(f *Feed, before, upTo uint64) (left, all uint64, last Name) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n := before + 1; n <= upTo; n++ {
		e := (*l)[n-1]
		all += e.counts
		if superseded := e.about.number > n || e.about.name == ""; n < upTo && !superseded {
			left += e.counts
		}
	}
	return left, all, (*l)[upTo-1].about.name
}

// drain is screen.drain, and checks what becomes of each event.
func (l *ledger) drain(t *testing.T, s *screen, w *Watcher, most int) {
	t.Helper()
	for ; most != 0; most-- {
		before, lost := w.pos, s.lost
		if s.drain(t, w, 1) == 0 {
			return
		}
		l.note(w.feed)
		if lost = s.lost - lost; w.pos == before {
			continue
		}
		left, all, last := l.between(w.feed, before, w.pos)
		// What was lost is in a gap of its own, or the event itself is one.
		if told := uint64(lost); told != all && (left != 0 || told != 0 && last != EventGap) { //nolint:gosec // it isn't negative
			t.Fatalf("of events %d to %d, it was told that %d were lost; it lost %d, or %d", before+1, w.pos, lost, left, all)
		}
	}
}

// TestFeed_countsWhatIsLost: whatever happens, and however slow a watcher is, each event is one that
// it got, that a newer one took the place of, that comes again, or that it was told it lost; and at
// the end it has what the store has.
func TestFeed_countsWhatIsLost(t *testing.T) {
	slow := false
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			store := capture.New(capture.Options{Max: 400})
			f := feedOf(store)
			f.log.entries = make([]entry, 512)
			var watchers []*Watcher
			var screens []screen
			var all ledger
			next := flow.ID(1)
			pending := map[flow.ID]uint32{}
			for range 30 {
				if random.IntN(10) == 0 && len(watchers) < 4 {
					w := f.Watch(Options{Rows: random.IntN(2) == 0})
					defer w.Close()
					watchers, screens = append(watchers, w), append(screens, screen{})
				}
				for range random.IntN(250) {
					switch n := random.IntN(10); {
					case n < 5:
						pending[next] = 1
						store.Put(call(next, 1, flow.StateWaiting))
						next++
					default:
						for id, rev := range pending {
							state := flow.StateWaiting
							if delete(pending, id); n < 8 {
								state = flow.StateDone
							} else {
								pending[id] = rev + 1
							}
							store.Put(call(id, rev+1, state))
							break
						}
					}
				}
				if random.IntN(40) == 0 {
					store.Clear()
				}
				time.Sleep(lookEvery)
				all.note(f)
				for i, w := range watchers {
					if random.IntN(3*(i+1)) == 0 { // the later ones are slower
						all.drain(t, &screens[i], w, random.IntN(200))
					}
				}
			}
			for i, w := range watchers {
				all.drain(t, &screens[i], w, -1)
				screens[i].is(t, store)
				if !screens[i].whole {
					t.Error("it doesn't know that nothing is missing")
				}
			}
			slow = slow || slices.ContainsFunc(screens, func(s screen) bool { return s.lost > 0 })
		})
	}
	if !slow {
		t.Error("no watcher was too slow")
	}
}

// A panic of the pump ends the streams, and says so: nobody knows what was published.
func TestFeed_aPanicEndsTheStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var notices []string
		f := New(Config{
			Source: panicking{capture.New(capture.Options{})}, Strict: intake.NewStrict(new(alias.Table)), Now: time.Now, Run: "r", Kind: KindRun,
			Faults: fault.NewGuard(slog.New(slog.DiscardHandler), func(text string) { notices = append(notices, text) }),
		})
		for range 2 { // one who comes later gets the same
			w := f.Watch(Options{})
			var s screen
			for s.end == "" {
				e, err := w.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				s.take(t, e)
			}
			if w.Close(); s.end != "detour has a fault" {
				t.Errorf("it ended with %q", s.end)
			}
		}
		f.Finish("the run ended")
		if len(notices) != 1 || !strings.Contains(notices[0], sharingLost) {
			t.Errorf("notices %q", notices)
		}
	})
}

type panicking struct{ *capture.Store }

func (panicking) Flows() []*flow.Flow { panic("a fault") }

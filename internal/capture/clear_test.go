package capture

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"detour/internal/flow"
)

func ids(fs []*flow.Flow) (out []flow.ID) {
	for _, f := range fs {
		out = append(out, f.ID)
	}
	return out
}

func TestClear_keepsWhatIsMarkedNotedOrUnderWay(t *testing.T) {
	s := New(Options{})
	for id := flow.ID(1); id <= 5; id++ {
		f := final(id, 1)
		f.Request.Body = []byte("body")
		s.Put(f)
	}
	s.Put(pending(6, 1))
	if err := s.Mark(2); err != nil {
		t.Fatal(err)
	}
	if err := s.Note(4, "look"); err != nil {
		t.Fatal(err)
	}
	v := s.Version()
	if n := s.Clear(); n != 3 || s.Version() == v {
		t.Errorf("%d flows are cleared, and it is news: %v", n, s.Version() != v)
	}
	if got := ids(s.Flows()); !slices.Equal(got, []flow.ID{2, 4, 6}) {
		t.Errorf("left are %v", got)
	}
	if s.weight != 8 || len(s.bodied) != 2 {
		t.Errorf("%d bytes of %d bodies are counted, want those of two", s.weight, len(s.bodied))
	}
	if st := s.Stats(); st.Evicted != 0 || st.Pending != 1 {
		t.Errorf("stats %+v", st)
	}
	s.Put(final(6, 2))
	if n := s.Clear(); n != 1 {
		t.Errorf("%d flows are cleared, want the one that ended", n)
	}
}

// TestClear_takesNothingFromSubscribers: what was over before it still arrives.
func TestClear_takesNothingFromSubscribers(t *testing.T) {
	s := New(Options{})
	sub := s.Subscribe(true)
	f := final(1, 1)
	f.Request.Headers = []flow.Header{{Name: "Accept", Value: "text/html"}}
	s.Put(f)
	s.Clear()
	sub.Close()
	got := sub.Next(t.Context())
	if len(got) != 1 || len(got[0].Request.Headers) != 1 || sub.Dropped() != 0 {
		t.Errorf("%d flows came, %d were dropped", len(got), sub.Dropped())
	}
}

func TestClear_takesNothingFromSubscribersUnderLoad(t *testing.T) {
	const n = 2000
	s := New(Options{Max: n})
	sub := s.Subscribe(false)
	var wg sync.WaitGroup
	wg.Go(func() {
		for id := flow.ID(1); id <= n; id++ {
			s.Put(final(id, 1))
		}
	})
	wg.Go(func() {
		for range 200 {
			s.Clear()
		}
	})
	seen := make(map[flow.ID]bool)
	for len(seen) < n {
		for _, f := range sub.Next(t.Context()) {
			if seen[f.ID] {
				t.Error(fmt.Sprint(f.ID, " came twice"))
			}
			seen[f.ID] = true
		}
		if sub.Dropped() > 0 {
			t.Fatalf("%d flows were dropped", sub.Dropped())
		}
	}
	wg.Wait()
	sub.Close()
}

func TestAddStep_keepsThemByTime(t *testing.T) {
	s := New(Options{})
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var before []flow.Step
	for _, x := range []flow.Step{{At: at, Text: "b"}, {At: at, Text: "c"}, {At: at.Add(-1), Text: "a"}, {At: at.Add(1), Text: "d"}} {
		s.AddStep(x)
		if before == nil {
			before = s.Steps()
		}
	}
	got := ""
	for _, x := range s.Steps() {
		got += x.Text
	}
	if got != "abcd" || before[0].Text != "b" {
		t.Errorf("%s, and what was read before is %v", got, before)
	}
}

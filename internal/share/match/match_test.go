package match

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/alias"
	"detour/internal/flow"
)

// A feed has flows that a test changes.
type feed struct {
	flows    []*flow.Flow
	findings []flow.Finding
	names    alias.Table
	version  uint64
	changed  chan struct{}
}

func newFeed(flows ...*flow.Flow) *feed {
	return &feed{flows: flows, version: 1, changed: make(chan struct{}, 1)}
}

func (x *feed) set(flows ...*flow.Flow) {
	x.flows = flows
	x.version++
	select {
	case x.changed <- struct{}{}:
	default:
	}
}

func (x *feed) Wait(ctx context.Context, seen uint64) (uint64, error) {
	for x.version == seen {
		select {
		case <-x.changed:
		case <-ctx.Done():
			return seen, ctx.Err()
		}
	}
	return x.version, nil
}
func (x *feed) Flows() []*flow.Flow   { return x.flows }
func (x *feed) Capture() flow.Capture { return flow.Capture{Findings: x.findings} }
func (x *feed) Names() *alias.Table   { return &x.names }

func get(id flow.ID, host string) *flow.Flow {
	return &flow.Flow{ID: id, Rev: 1, State: flow.StateDone, Request: flow.Request{Method: "GET", URL: "https://" + host + "/"}}
}

func next(t *testing.T, s *Stream) (x IDs) {
	t.Helper()
	e, err := s.Next(t.Context())
	if err == nil {
		err = json.Unmarshal(e.Data, &x)
	}
	if err != nil || e.Name != EventIDs {
		t.Fatalf("%s %s: %v", e.Name, e.Data, err)
	}
	return x
}

func TestStream_saysAllAndThenWhatChanges(t *testing.T) {
	a1, a2, a3, b4, a6 := get(1, "a.example"), get(2, "a.example"), get(3, "a.example"), get(4, "b.example"), get(6, "a.example")
	src := newFeed(a1, a2, a3, b4, a6)
	s := New(src, "host:a.example", time.Now, NewPace())
	check := func(what string, want IDs) {
		t.Helper()
		want.Expression = "host:a.example"
		if d := cmp.Diff(want, next(t, s)); d != "" {
			t.Errorf("%s: %s", what, d)
		}
	}
	check("at first", IDs{Reset: true, Ranges: []uint64{1, 3, 6, 1}, Count: 4})
	src.set(a1, a2, a3, b4, a6, get(7, "b.example"), get(8, "a.example"))
	check("two more", IDs{Ranges: []uint64{8, 1}, Count: 5})
	src.set(a1, a3, get(4, "a.example"), get(6, "b.example"), src.flows[6])
	check("one is gone, two have changed", IDs{Ranges: []uint64{4, 1}, Remove: []flow.ID{2, 6}, Count: 4})
	src.set()
	check("all are gone", IDs{Remove: []flow.ID{1, 3, 4, 8}})
	src.set(b4)
	src.set(b4, a6)
	check("what doesn't match isn't said", IDs{Ranges: []uint64{6, 1}, Count: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestStream_ofNothingSaysSo(t *testing.T) {
	if d := cmp.Diff(IDs{Expression: "host:a.example", Reset: true}, next(t, New(newFeed(), "host:a.example", time.Now, NewPace()))); d != "" {
		t.Error(d)
	}
}

func TestStream_saysWhatIsWrongOnceAndWaits(t *testing.T) {
	s := New(newFeed(), "status>=", time.Now, NewPace())
	x := next(t, s)
	if x.Error == nil || x.Error.Message == "" || x.Error.From > x.Error.To || x.Reset {
		t.Fatalf("%+v", x)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestStream_asksForTheFindingsThatListAFlow(t *testing.T) {
	src := newFeed(get(1, "a.example"), get(2, "a.example"))
	src.findings = []flow.Finding{{Code: "dns-private", Flows: []flow.ID{2}}}
	s := New(src, "finding:dns-private", time.Now, NewPace())
	if d := cmp.Diff(IDs{Expression: "finding:dns-private", Reset: true, Ranges: []uint64{2, 1}, Count: 1}, next(t, s)); d != "" {
		t.Error(d)
	}
	src.findings[0].Flows = []flow.ID{1}
	src.set(src.flows...)
	if d := cmp.Diff(IDs{Expression: "finding:dns-private", Ranges: []uint64{1, 1}, Remove: []flow.ID{2}, Count: 1}, next(t, s)); d != "" {
		t.Error(d)
	}
}

func TestStream_testsAgainWhatTimeDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := &flow.Flow{ID: 1, State: flow.StateWaiting, Times: flow.Times{Start: time.Now()}}
		s := New(newFeed(open), "total>3s", time.Now, NewPace())
		if x := next(t, s); x.Count != 0 {
			t.Errorf("%+v", x)
		}
		if x := next(t, s); x.Count != 1 || time.Since(open.Times.Start) > 5*time.Second {
			t.Errorf("%+v after %v", x, time.Since(open.Times.Start))
		}
	})
}

func TestNames_selectAndAreOffered(t *testing.T) {
	src := newFeed(get(1, "redacted-host-1.example"), get(2, "b.example"))
	src.names.Take("redacted-host-1.example", "host-1")
	if x := next(t, New(src, "host:host-1", time.Now, NewPace())); x.Count != 1 || x.Ranges[0] != 1 {
		t.Errorf("%+v", x)
	}
	var c completion
	if err := json.Unmarshal(Complete(src, "origin:direct host:h xxx", len("origin:direct host:h")), &c); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(completion{From: 19, Candidates: []candidate{{Text: "host-1"}}}, c); d != "" {
		t.Error(d)
	}
}

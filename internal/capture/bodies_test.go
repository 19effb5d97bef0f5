package capture

import (
	"strings"
	"testing"

	"detour/internal/flow"
)

func withBody(id flow.ID, rev uint32, status int, body string) flow.Flow {
	f := flow.Flow{ID: id, Rev: rev, State: flow.StateWaiting, Request: flow.Request{Body: []byte("asked")}}
	if status != 0 {
		f.State, f.Response = flow.StateDone, &flow.Response{Status: status, Body: []byte(body)}
	}
	return f
}

func TestPut_keepsTheBodiesThatArePickedAndRedactsThemFirst(t *testing.T) {
	s := New(Options{Intake: intake{
		keepBodies: func(f *flow.Flow) bool { return !f.Final() || f.Response.Status >= 400 },
		redact: func(f *flow.Flow) {
			if f.Response != nil {
				r := *f.Response
				r.Body = []byte(strings.ReplaceAll(string(r.Body), "secret", "*"))
				f.Response = &r
			}
		},
	}})
	for id, status := range map[flow.ID]int{1: 200, 2: 403} {
		s.Put(withBody(id, 1, 0, ""))
		if got := string(s.Get(id).Request.Body); got != "asked" {
			t.Errorf("pending: %q", got)
		}
		s.Put(withBody(id, 2, status, "a secret"))
	}
	if f := s.Get(1); f.BodyBytes() != 0 {
		t.Errorf("what went well keeps %q and %q", f.Request.Body, f.Response.Body)
	}
	if f := s.Get(2); string(f.Request.Body) != "asked" || string(f.Response.Body) != "a *" {
		t.Errorf("what failed keeps %q and %q", f.Request.Body, f.Response.Body)
	}
}

func TestPut_theOldestBodiesMakeRoom(t *testing.T) {
	s := New(Options{Bodies: 1 << 10})
	for id := flow.ID(1); id <= 100; id++ {
		s.Put(withBody(id, 1, 0, ""))
		s.Put(withBody(id, 2, 200, strings.Repeat("x", 100)))
	}
	kept := 0
	for id := flow.ID(1); id <= 100; id++ {
		kept += s.Get(id).BodyBytes()
	}
	if kept > 1<<10 || kept < 900 || kept != s.weight {
		t.Errorf("%d bytes are kept, %d counted", kept, s.weight)
	}
	if s.Get(100).BodyBytes() == 0 || s.Get(1).BodyBytes() != 0 {
		t.Error("it isn't the oldest that go")
	}
	if len(s.bodied) > 20 {
		t.Errorf("%d flows are remembered", len(s.bodied))
	}
}

package capture

import (
	"strings"
	"testing"

	"detour/internal/flow"
)

func TestPut_aNoteOnAPendingFlowStays(t *testing.T) {
	s := New(Options{})
	s.Put(pending(1, 1))
	if err := s.Note(1, "slow"); err != nil {
		t.Fatal(err)
	}
	s.Put(final(1, 2))
	if got := s.Get(1).Note; got != "slow" {
		t.Errorf("the note is %q", got)
	}
}

func TestPut_oneBodyTooLargeForAllStaysUntilTheNext(t *testing.T) {
	s := New(Options{Bodies: 10})
	s.Put(withBody(1, 1, 200, strings.Repeat("x", 100)))
	s.Put(withBody(1, 2, 200, "")) // late
	if s.Get(1).BodyBytes() == 0 {
		t.Error("the only body is gone")
	}
	s.Put(withBody(2, 1, 200, strings.Repeat("x", 100)))
	if s.Get(1).BodyBytes() != 0 || s.Get(2).BodyBytes() == 0 {
		t.Error("it isn't the older one that goes")
	}
}

func TestEvict_bodiesThatGoDoNotCountAnyMore(t *testing.T) {
	s := New(Options{Max: 10})
	for id := flow.ID(1); id <= 100; id++ {
		s.Put(withBody(id, 1, 500, "answered"))
	}
	kept := 0
	for _, f := range s.Flows() {
		kept += f.BodyBytes()
	}
	if kept != s.weight {
		t.Errorf("%d bytes are kept, %d counted", kept, s.weight)
	}
}

func TestPut_whatVendsCredentialsDoesSoInEachRevision(t *testing.T) {
	s := New(Options{Intake: intake{tag: func(f *flow.Flow) { f.CredentialVend = true }}})
	s.Put(pending(1, 1))
	s.Put(pending(1, 2)) // not tagged anew
	if !s.Get(1).CredentialVend {
		t.Error("it is forgotten")
	}
}

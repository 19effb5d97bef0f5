package capture

import (
	"testing"
	"time"

	"detour/internal/flow"
)

func TestLearnOf_goesToTheNewestFlowOfTheHostThatFailed(t *testing.T) {
	s := New(Options{})
	put := func(id flow.ID, authority string, failed bool) {
		f := final(id, 1)
		f.Conn = &flow.Conn{ID: id, Authority: authority}
		if failed {
			f.Failure = &flow.Failure{Stage: flow.StageDial}
		}
		s.Put(f)
	}
	put(1, "x:443", true)
	put(2, "x:443", true)
	put(3, "x:443", false)
	put(4, "y:443", false)
	put(5, "y:443", false)
	put(6, "z:443", true)
	unconnected := final(7, 1)
	unconnected.Request.URL, unconnected.Failure = "https://Logs.example/", &flow.Failure{Stage: flow.StageDNS}
	s.Put(unconnected)
	learned := []flow.Later{{Kind: flow.LaterProbe, Took: time.Second}, {Kind: flow.LaterProbe, Took: 2 * time.Second}}
	for authority, want := range map[string]flow.ID{"x:443": 2, "y:443": 5, "nobody:443": 0, "logs.example:443": 7} {
		if got := s.LearnOf(authority, learned); got != want {
			t.Errorf("what is learned of %s goes to flow %d, want %d", authority, got, want)
		}
	}
	for _, f := range s.Flows() {
		want := map[flow.ID]int{2: 2, 5: 2, 7: 2}[f.ID]
		if len(f.Later) != want || want > 0 && (f.Rev != 2 || f.Later[1].Took != 2*time.Second) {
			t.Errorf("flow %d, revision %d: %+v", f.ID, f.Rev, f.Later)
		}
	}
}

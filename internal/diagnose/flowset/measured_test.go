package flowset

import (
	"slices"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestRanges_factsThatDifferInTheDurationAreOneSentence(t *testing.T) {
	const ms = time.Millisecond
	var set Set
	for _, took := range []time.Duration{270 * ms, 68 * ms, 94 * ms, 21 * time.Second} {
		set = append(set, &flow.Flow{Times: flow.Times{Start: time.Unix(0, 0), Done: time.Unix(0, 0).Add(took)}})
	}
	got := set.Ranges(func(f *flow.Flow) []Measured {
		took := f.Times.Done.Sub(f.Times.Start)
		after := ": reset"
		if took > time.Second {
			after = ": timeout"
		}
		return []Measured{Took("logs: failed after ", after, took)}
	})
	if want := []string{"logs: failed after 68 ms to 270 ms: reset", "logs: failed after 21.0 s: timeout"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

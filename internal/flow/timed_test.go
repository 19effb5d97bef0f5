package flow

import (
	"testing"
	"time"
)

// TestFlow_aFailedRequestOfAHARMayHaveNoDuration: 0 then means that the file has none.
func TestFlow_aFailedRequestOfAHARMayHaveNoDuration(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	failed := &Failure{Stage: StageWait}
	for name, v := range map[string]struct {
		f    *Flow
		want bool
	}{
		"a HAR's, failed, 0":     {&Flow{Source: SourceHAR, State: StateDone, Failure: failed, Times: Times{Start: at, Done: at}}, false},
		"a HAR's, failed, 4 s":   {&Flow{Source: SourceHAR, State: StateDone, Failure: failed, Times: Times{Start: at, Done: at.Add(4e9)}}, true},
		"a HAR's, answered, 0":   {&Flow{Source: SourceHAR, State: StateDone, Times: Times{Start: at, Done: at}}, true},
		"the proxy's, failed, 0": {&Flow{Source: SourceProxy, State: StateDone, Failure: failed, Times: Times{Start: at, Done: at}}, true},
		"without an end":         {&Flow{Source: SourceHAR, State: StateDone, Times: Times{Start: at}}, false},
	} {
		if got := v.f.Timed(); got != v.want {
			t.Errorf("%s: %v, want %v", name, got, v.want)
		}
	}
}

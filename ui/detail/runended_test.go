package detail

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// TestRunEnded_isNotTheClients: a request that detour's own end stopped wasn't canceled by its
// client.
func TestRunEnded_isNotTheClients(t *testing.T) {
	a := flowtest.Attempt(flowtest.Start, "10.0.0.9", flow.DialCanceled, 5*time.Second)
	f := &flow.Flow{State: flow.StateDone, Conn: &flow.Conn{Attempts: []flow.DialAttempt{a}}, Failure: &flow.Failure{Stage: flow.StageClient}}
	for kind, who := range map[flow.FailureKind]string{"": "client", flow.KindPending: "the run ended"} {
		f.Failure.Kind = kind
		if got := failureSentence(f); !strings.Contains(got, who) {
			t.Errorf("%q: %s", kind, got)
		}
		if got, _ := attemptText(a, flowtest.At(9000), canceledBy(f)); !strings.Contains(got, who) {
			t.Errorf("%q: %s", kind, got)
		}
	}
}

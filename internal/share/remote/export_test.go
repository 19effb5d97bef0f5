package remote

import (
	"strings"
	"testing"

	"detour/internal/flow"
	"detour/internal/share"
)

// wholeFlow is a flow with all that a host has of it.
func wholeFlow(id flow.ID, rev uint32) *flow.Flow {
	f := strictFlow(id, rev, true)
	f.Request.Headers = []flow.Header{{Name: "content-type", Value: "application/json"}, {Name: "authorization", Value: "Bearer hunter2hunter2"}}
	f.Request.Body, f.Request.BodySize = []byte(`{"a":1}`), 7
	return f
}

// TestExport_isWhatTheHostFound: it isn't judged again, and flows in progress end now.
func TestExport_isWhatTheHostFound(t *testing.T) {
	h := newHost(t)
	h.hello.Kind = share.KindDemo
	w := watched(t, h.start(), quick())
	h.sends(share.EventFlow, wholeFlow(1, 1))
	h.sends(share.EventFlow, strictFlow(2, 1, false))
	h.sends(share.EventFlow, strictFlow(3, 1, true))
	h.sends(share.EventFindings, share.Findings{Findings: []flow.RecordFinding{
		flow.Finding{Code: "of-both", Flows: []flow.ID{1, 3}, Proof: &flow.Proof{Verdict: flow.Proven}}.Record(),
		flow.Finding{Code: "of-the-third", Flows: []flow.ID{3}}.Record(),
	}})
	eventually(t, "the findings", func() bool { return len(w.Findings()) == 2 })
	if f := w.Get(1); len(f.Request.Headers) != 2 || strings.Contains(f.Request.Headers[1].Value, "hunter2") || w.Get(9) != nil {
		t.Errorf("it has %+v", f)
	}
	c := w.Export([]flow.ID{1, 2})
	if len(c.Flows) != 2 || c.Flows[0].Request.Body == nil || !c.Strict || !c.Simulated() {
		t.Fatalf("it exports %+v", c)
	}
	if f := c.Flows[1]; !f.Final() || f.Failure == nil || f.Failure.Kind != flow.KindPending {
		t.Errorf("the flow in progress is %+v", f)
	}
	if len(c.Findings) != 1 || c.Findings[0].Proof == nil || len(c.Findings[0].Flows) != 1 {
		t.Errorf("the findings are %+v", c.Findings)
	}
	if got := w.Findings(); len(got[0].Flows) != 2 {
		t.Error("the export has changed the findings on the screen")
	}
}

package remote

import (
	"encoding/json"
	"fmt"
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

// has lets a host answer requests for a flow.
func (h *host) has(f *flow.Flow) {
	b, err := json.Marshal(f)
	if err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.whole[fmt.Sprintf("/flow/%d", f.ID)] = string(b)
}

func TestGet_fetchesWhatIsLookedAtWithoutWaiting(t *testing.T) {
	h := newHost(t)
	w := watched(t, h.start(), quick())
	h.sends(share.EventFlow, strictFlow(1, 1, true))
	h.sends(share.EventFlow, strictFlow(2, 1, false))
	h.has(wholeFlow(1, 1))
	eventually(t, "the flows", func() bool { return len(w.Flows()) == 2 })
	before := w.Flows()[0]
	if got := w.Get(1); got != before || w.Missing(1) != "its header fields and bodies are being fetched from the host" {
		t.Errorf("at first it has %+v, lacking %q", got, w.Missing(1))
	}
	eventually(t, "the body", func() bool { return string(w.Get(1).Request.Body) == `{"a":1}` })
	eventually(t, "another pointer", func() bool { return w.Flows()[0] != before })
	if got := w.Get(1); w.Missing(1) != "" || len(got.Request.Headers) != 2 || strings.Contains(got.Request.Headers[1].Value, "hunter2") {
		t.Errorf("it has %+v, lacking %q", got, w.Missing(1))
	}
	if w.Get(2) == nil || w.Missing(2) != "" || w.Get(3) != nil || w.Missing(3) != "" {
		t.Error("a flow in progress lacks something, or there is one more")
	}

	marked := strictFlow(1, 2, true)
	marked.Marked = true
	h.sends(share.EventFlow, marked)
	eventually(t, "the mark, and again all of the flow", func() bool { return w.Get(1).Marked && w.Get(1).Request.Body != nil })
}

func TestGet_saysWhatTheHostHasNot(t *testing.T) {
	h := newHost(t)
	w := watched(t, h.start(), quick())
	h.sends(share.EventFlow, strictFlow(1, 1, true))
	eventually(t, "the flow", func() bool { return w.Get(1) != nil })
	eventually(t, "the word", func() bool { return w.Get(1) != nil && w.Missing(1) == errAbsent.Error() })
	h.sends(share.EventFlow, strictFlow(2, 1, true))
	h.sends(share.EventEnd, share.End{Why: "the run ended"})
	eventually(t, "the end", w.Recorded)
	if got := w.Missing(2); !strings.Contains(got, "no contact") {
		t.Errorf("of what wasn't fetched before the end it says %q", got)
	}
}

func TestFetch_hasAllOfTheFlowsOfAnExport(t *testing.T) {
	h := newHost(t)
	w := watched(t, h.start(), quick())
	var ids []flow.ID
	for id := flow.ID(1); id <= 20; id++ {
		h.sends(share.EventFlow, strictFlow(id, 1, true))
		h.has(wholeFlow(id, 1))
		ids = append(ids, id)
	}
	eventually(t, "the flows", func() bool { return len(w.Flows()) == 20 })
	got, lacks, err := w.Fetch(t.Context(), append(ids, 99))
	if err != nil || lacks != 1 || len(got) != 20 || got[7].Request.Body == nil {
		t.Errorf("it has %d, lacks %d: %v", len(got), lacks, err)
	}
	w.Get(3)
	eventually(t, "a detail", func() bool { return w.Missing(3) == "" })
	h.sends(share.EventEnd, share.End{})
	eventually(t, "the end", w.Recorded)
	if got, lacks, err = w.Fetch(t.Context(), ids); err != nil || lacks != 19 || got[3].Request.Body == nil {
		t.Errorf("after the end, it has %d, lacks %d: %v", len(got), lacks, err)
	}
}

func TestDetails_areBounded(t *testing.T) {
	d := newDetails()
	for id := range flow.ID(10 * maxDetails) {
		d.add(detail{id: id, rev: 1, flow: strictFlow(id, 1, true), size: 1})
	}
	if len(d.all) != maxDetails || d.size != maxDetails {
		t.Errorf("%d are kept, with %d bytes", len(d.all), d.size)
	}
	for id := range flow.ID(10) {
		d.add(detail{id: id, rev: 1, size: maxDetailed / 2})
		d.add(detail{id: id, rev: 2, size: maxDetailed / 2})
	}
	if len(d.all) != 2 || d.size > maxDetailed {
		t.Errorf("%d are kept, with %d bytes", len(d.all), d.size)
	}
}

// TestExport_isWhatTheHostFound: it isn't judged again, and flows in progress end now.
func TestExport_isWhatTheHostFound(t *testing.T) {
	h := newHost(t)
	h.hello.Kind = share.KindDemo
	w := watched(t, h.start(), quick())
	h.sends(share.EventFlow, strictFlow(1, 1, true))
	h.has(wholeFlow(1, 1))
	h.sends(share.EventFlow, strictFlow(2, 1, false))
	h.sends(share.EventFlow, strictFlow(3, 1, true))
	h.sends(share.EventFindings, share.Findings{Findings: []flow.RecordFinding{
		flow.Finding{Code: "of-both", Flows: []flow.ID{1, 3}, Proof: &flow.Proof{Verdict: flow.Proven}}.Record(),
		flow.Finding{Code: "of-the-third", Flows: []flow.ID{3}}.Record(),
	}})
	eventually(t, "the findings", func() bool { return len(w.Findings()) == 2 })
	c, lacks, err := w.Export(t.Context(), []flow.ID{1, 2})
	if err != nil || lacks != 1 || len(c.Flows) != 2 || c.Flows[0].Request.Body == nil || !c.Strict || !c.Simulated() {
		t.Fatalf("%+v lacks %d: %v", c, lacks, err)
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

package remote

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/onwine"
	"detour/internal/share"
	realhost "detour/internal/share/host"
	"detour/internal/share/serve"
	"detour/ui/flowtest"
)

// noPage is the live page of a host whose page nobody opens.
type noPage struct{}

func (noPage) Setup() []byte                                       { return []byte("{}") }
func (noPage) Row(*flow.Flow, time.Time) []byte                    { return []byte("{}") }
func (noPage) Findings(flow.Capture, time.Time) []byte             { return []byte("{}") }
func (noPage) Document() ([]byte, string)                          { return nil, "" }
func (noPage) Detail(*flow.Flow, []flow.Finding, time.Time) []byte { return []byte("{}") }

// TestWatch_ofARealHost: the two sides of the protocol fit, by its socket and by a link.
func TestWatch_ofARealHost(t *testing.T) {
	onwine.Skip(t, "has no Unix sockets")
	store, names := capture.New(capture.Options{}), new(alias.Table)
	for _, f := range flowtest.Story(true) {
		x := *f
		x.Note = "of account 123456789012"
		store.Restore(&x)
	}
	store.SetFindings(flowtest.Findings(false))
	store.AddStep(flow.Step{At: flowtest.Start, Text: "open the alarms"})
	h := realhost.New(share.Config{
		Source: store, Strict: intake.NewStrict(names), Now: time.Now, Title: "the run", Kind: share.KindRun, Detour: "v1",
		Facts: func() []share.Fact { return []share.Fact{{Name: "proxy", Value: "127.0.0.1:8080"}} },
		Judge: func(_, _ []*flow.Flow, found []flow.Finding, _ time.Time) []flow.Finding { return found },
	}, noPage{})
	ended := false
	t.Cleanup(func() {
		if !ended {
			h.End("the test is over")
		}
	})
	path := filepath.Join(t.TempDir(), "s")
	if err := h.ServeSocket(path); err != nil {
		t.Fatal(err)
	}
	l, err := h.Share(serve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	bySocket, byLink := watched(t, Target{Socket: path}, quick()), watched(t, Target{Link: l}, quick())
	for _, w := range []*Watch{bySocket, byLink} {
		eventually(t, "the flows", func() bool {
			return len(w.Flows()) == len(store.Flows()) && len(w.Steps()) == 1 && len(w.Findings()) > 0
		})
		eventually(t, "the head", func() bool { return strings.Contains(facts(w), "2 watch · the run · proxy 127.0.0.1:8080") })
		if w.unread+w.lost != 0 {
			t.Errorf("%d events can't be read, %d were left out", w.unread, w.lost)
		}
		for _, f := range w.Flows() {
			if strings.Contains(f.Note, "123456789012") || !f.Strict {
				t.Errorf("it has %+v", f)
			}
		}
	}
	if got := h.Watching(); got != 2 {
		t.Errorf("%d watch", got)
	}
	at := time.Now()
	h.SetCursor(3)
	f := *store.Flows()[0]
	if err := store.Mark(f.ID); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*Watch{bySocket, byLink} {
		eventually(t, "the cursor and the mark", func() bool { return w.Cursor() == 3 && w.Flows()[0].Marked })
		if c := w.Export([]flow.ID{f.ID}); len(c.Flows) != 1 || len(c.Flows[0].Request.Headers) == 0 {
			t.Errorf("it exports %+v", c)
		}
	}
	t.Logf("the mark is there after %v", time.Since(at))

	h.Stop("sharing was stopped")
	eventually(t, "the end of the link", func() bool { return strings.Contains(facts(byLink), "over: sharing was stopped") })
	if _, err := connect(t.Context(), Target{Link: l}, newMirror(names, time.Now), quick()); err == nil {
		t.Error("the link still works")
	}
	eventually(t, "one less", func() bool { return h.Watching() == 1 })
	ended = true
	h.End("the run ended")
	eventually(t, "the end of the run", func() bool { return strings.Contains(facts(bySocket), "over: the run ended") })
	if len(bySocket.Flows()) == 0 || !bySocket.Recorded() {
		t.Error("nothing is left of the run")
	}
}

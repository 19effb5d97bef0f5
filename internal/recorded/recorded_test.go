package recorded

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/capture"
	"detour/internal/capture/disk"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/intake"
)

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("it never happens: %s", what)
		}
	}
}

func started(t *testing.T, cfg Config) *Recording {
	t.Helper()
	cfg.Judge = func(ctx context.Context, _ *capture.Store, _ *flow.Environment) { <-ctx.Done() }
	r, err := Open(t.Context(), cfg, disk.Live, func(ctx context.Context, r intake.Reader, path string) (*flow.Capture, error) {
		return r.Read(ctx, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return r
}

func call(id flow.ID, state flow.State) flow.Flow {
	f := flow.Flow{
		ID: id, Rev: 1, State: state, Source: flow.SourceProxy, Origin: flow.OriginDirect, Times: flow.Times{Start: time.Now()},
		Request: flow.Request{Method: "POST", URL: "https://logs.eu-central-1.amazonaws.com/"},
	}
	if f.Final() {
		f.Times.Done, f.Response = f.Times.Start.Add(time.Second), &flow.Response{Status: 200}
	}
	return f
}

func facts(r *Recording) string {
	var all []string
	for _, f := range r.Facts() {
		all = append(all, f.Name+" "+f.Value)
	}
	return strings.Join(all, " · ")
}

func TestRecording_followsARunUntilItEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.detour")
	f, err := disk.Create(path, disk.Header{})
	if err != nil {
		t.Fatal(err)
	}
	store := capture.New(capture.Options{})
	recorder := disk.Record(store, f, disk.RecorderOptions{})
	store.Put(call(1, flow.StateDone))
	eventually(t, "the first flow is on disk", func() bool {
		n, err := f.Count(t.Context(), disk.Query{})
		return err == nil && n == 1
	})
	still := started(t, Config{Path: path, Reader: intake.Reader{Max: 100}})
	r := started(t, Config{Path: path, Reader: intake.Reader{Max: 100}, Follow: true})
	if !r.Following() || facts(r) != "the run goes on" {
		t.Fatalf("following %v: %s", r.Following(), facts(r))
	}
	if still.Following() || !strings.HasPrefix(facts(still), "the run goes on: read once, at ") {
		t.Errorf("a file that is read once: %s", facts(still))
	}
	store.Put(call(2, flow.StateWaiting))
	store.Put(call(3, flow.StateWaiting))
	eventually(t, "new flows come", func() bool { return len(r.Flows()) == 3 && !r.Get(2).Final() })
	over := call(2, flow.StateDone)
	over.Rev = 2
	store.Put(over)
	if err := store.Note(1, "look"); err != nil {
		t.Fatal(err)
	}
	store.AddStep(flow.Step{At: time.Now(), Text: "reload"})
	eventually(t, "changes of flows come", func() bool {
		return r.Get(2).Final() && r.Get(1).Note == "look" && len(r.Store().Steps()) == 1
	})
	if n := len(still.Flows()); n != 1 {
		t.Errorf("a file that is read once has %d flows", n)
	}
	recorder.Close()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the run's end", func() bool { return facts(r) == "the run ended; 1 flow was pending" })
	if r.Following() || r.Get(3).Final() {
		t.Errorf("following %v, %+v", r.Following(), r.Get(3))
	}
	if now := r.Now(); time.Since(now) > time.Minute || !r.Now().Equal(now) {
		t.Errorf("the present is %v", now)
	}
	if files, _ := filepath.Glob(path + "*"); len(files) != 1 {
		t.Errorf("the run leaves %v", files)
	}
}

// TestRecording_findsInTheWholeFile: of a file with more flows than are loaded.
func TestRecording_findsInTheWholeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.detour")
	f, err := disk.Create(path, disk.Header{})
	if err != nil {
		t.Fatal(err)
	}
	var all []*flow.Flow
	for id := range flow.ID(50) {
		x := call(id+1, flow.StateDone)
		if id == 4 {
			x.Request.URL = "https://sqs.eu-central-1.amazonaws.com/"
		}
		all = append(all, &x)
	}
	if err := f.Write(disk.Batch{Flows: all}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	r := started(t, Config{Path: path, Reader: intake.Reader{Max: 10}, Follow: true})
	if facts(r) != "loaded 10 of 50" || r.Get(5) != nil {
		t.Fatalf("%s", facts(r))
	}
	for _, text := range []string{"host:s", "host:sqs"} { // as it is typed
		keep, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		r.Find(keep)
	}
	eventually(t, "the flow is found", func() bool { return r.Get(5) != nil })
	eventually(t, "it is said", func() bool { return facts(r) == "loaded 11 of 50 · file has 1 that match" })
}

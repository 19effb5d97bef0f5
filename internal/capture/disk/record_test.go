package disk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/capture"
	"detour/internal/flow"
)

// eventually waits for something that a Recorder does in its own time.
func eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); !is(); <-tick.C {
		if time.Now().After(end) {
			tb.Fatalf("it never happens: %s", what)
		}
	}
}

func count(tb testing.TB, f *File, where string) int {
	tb.Helper()
	n, err := f.Count(context.Background(), Query{Where: where})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func recorded(tb testing.TB) (*capture.Store, *File, *Recorder) {
	tb.Helper()
	store, f := capture.New(capture.Options{}), create(tb)
	r := Record(store, f, RecorderOptions{})
	tb.Cleanup(r.Close)
	return store, f, r
}

// TestRecorder_hasWhatIsOverOnDiskWithin200ms: what docs/capture.md promises, as another reader sees
// it. The clock is the test's: it has what the Recorder waits, and not what the machine takes.
func TestRecorder_hasWhatIsOverOnDiskWithin200ms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, f, _ := recorded(t)
		reader := reopened(t, Open, f.Path)
		for id := range flow.ID(20) {
			began := time.Now()
			store.Put(*stuck(id + 1))
			eventually(t, "a flow is on disk", func() bool { return count(t, reader, fmt.Sprintf("id = %d AND final", id+1)) == 1 })
			if took := time.Since(began); took > 200*time.Millisecond {
				t.Errorf("it takes %v", took)
			}
		}
	})
}

func TestRecorder_writesWhatComesAfterTheLastFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, f, r := recorded(t)
		store.Put(*stuck(1))
		eventually(t, "it is on disk", func() bool { return count(t, f, "final") == 1 })
		finding := flow.Finding{Code: "private-endpoint-unreachable", Level: flow.LevelProblem, Flows: []flow.ID{1}}
		step := flow.Step{At: began, Text: "open the alarms"}
		store.SetFindings([]flow.Finding{finding})
		store.AddStep(step)
		eventually(t, "finding and step are on disk though no flow comes", func() bool {
			about, err := f.About(t.Context())
			return err == nil && len(about.Findings) == 1 && len(about.Steps) == 1
		})
		if err := errors.Join(store.Mark(1), store.Note(1, "this one")); err != nil {
			t.Fatal(err)
		}
		store.SetFindings(nil)
		r.Close()
		got, err := f.Get(t.Context(), 1)
		if err != nil || !got.Marked || got.Note != "this one" || string(got.Request.Body) != "{}" {
			t.Errorf("%+v, %v", got, err)
		}
		if about, err := f.About(t.Context()); err != nil || about.Findings != nil {
			t.Errorf("a finding that was taken back is there: %v, %v", about.Findings, err)
		}
	})
}

// failures is an intake that keeps no body of what ends well.
type failures struct{ capture.AsIs }

func (failures) Take(f *flow.Flow) (p capture.Prepared) {
	if f.Final() && f.Failure == nil {
		f.DropBodies()
	}
	return p
}

func TestRecorder_keepsNoBodyOfWhatEndsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, f := capture.New(capture.Options{Intake: failures{}}), create(t)
		r := Record(store, f, RecorderOptions{})
		open := stuck(1)
		open.Rev, open.State, open.Failure = 1, flow.StateWaiting, nil
		store.Put(*open)
		eventually(t, "it is on disk while it is under way", func() bool { return count(t, f, "NOT final") == 1 })
		well := stuck(1)
		well.Failure, well.Response = nil, &flow.Response{Status: 200}
		store.Put(*well)
		store.Put(*stuck(2))
		r.Close()
		for id, want := range map[flow.ID]string{1: "", 2: "{}"} {
			got, err := f.Get(t.Context(), id)
			if err != nil || string(got.Request.Body) != want {
				t.Errorf("flow %d has the body %q (%v), want %q", id, got.Request.Body, err, want)
			}
		}
	})
}

func TestRecorder_saysThatTheFileWasMovedAndWritesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, f, r := recorded(t)
		store.Put(*stuck(1))
		eventually(t, "it is on disk", func() bool { return count(t, f, "") == 1 })
		moved := filepath.Join(t.TempDir(), "moved.detour")
		if err := os.Rename(f.Path, moved); err != nil {
			t.Skip("a file that is open can't be moved here: ", err)
		}
		store.Put(*stuck(2))
		eventually(t, "it says so", func() bool { return strings.Contains(r.Trouble(), "was moved") })
		for id := range flow.ID(maxWaiting) {
			store.Put(*stuck(id + 3))
		}
		eventually(t, "the last is on disk", func() bool { return count(t, f, fmt.Sprintf("id = %d", maxWaiting+2)) == 1 })
		if err := os.WriteFile(f.Path, nil, 0o600); err != nil { // another file of that name isn't it
			t.Fatal(err)
		}
		store.Put(*stuck(maxWaiting + 3))
		eventually(t, "it is on disk", func() bool { return count(t, f, fmt.Sprintf("id = %d", maxWaiting+3)) == 1 })
		if r.Trouble() == "" {
			t.Error("another file of that name is taken for the capture")
		}
		r.Close()
		about, err := f.About(t.Context())
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		if n := count(t, reopened(t, Open, moved), ""); n+about.Omitted.Flows != maxWaiting+3 {
			t.Errorf("%d flows are in the file that was moved and %d are said to be left out, want %d in all", n, about.Omitted.Flows, maxWaiting+3)
		}
	})
}

// TestRecorder_goesOnWhenTheDiskIsFull: SQLite says that it is, at a number of pages
// as at the end of a disk.
func TestRecorder_goesOnWhenTheDiskIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, f, r := recorded(t)
		var pages int
		if err := f.db.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
			t.Fatal(err)
		}
		room := func(pages int) {
			if _, err := f.db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
				t.Fatal(err)
			}
		}
		room(pages + 20)
		fillUp(t, store, r, "full")
		room(1 << 30)
		hasRoomAgain(t, store, f, r)
	})
}

func TestRecorder_writesAtItsEndWhatHadNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, f, r := recorded(t)
		room := func(pages int) {
			if _, err := f.db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
				t.Fatal(err)
			}
		}
		room(1) // as few as there are
		id := flow.ID(0)
		eventually(t, "the disk is full", func() bool { id++; store.Put(*stuck(id)); return r.Trouble() != "" })
		room(1 << 30)
		r.Close()                                                    // before it tries again
		if n := count(t, f, ""); n != int(id) || r.Trouble() != "" { //nolint:gosec // a count
			t.Errorf("%d of %d flows are written: %s", n, id, r.Trouble())
		}
	})
}

func TestRecorder_writesWhatWasTakenOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, f := capture.New(capture.Options{}), create(t)
		var n atomic.Int64
		n.Store(2)
		r := Record(store, f, RecorderOptions{Redacted: func() map[string]int { return map[string]int{"cookie": int(n.Load()), "token": 1} }})
		for _, want := range []int64{2, 5} {
			n.Store(want)
			eventually(t, "the counts are on disk", func() bool {
				about, err := f.About(t.Context())
				return err == nil && about.Redacted["cookie"] == int(want) && about.Redacted["token"] == 1
			})
		}
		r.Close()
	})
}

// fillUp puts flows until there is trouble, and as many again as may wait, twice.
func fillUp(t *testing.T, store *capture.Store, r *Recorder, words string) {
	t.Helper()
	id := flow.ID(0)
	put := func() { id++; store.Put(*stuck(id)) }
	eventually(t, "the disk is full", func() bool { put(); return r.Trouble() != "" })
	if !strings.Contains(r.Trouble(), words) {
		t.Errorf("it says %q", r.Trouble())
	}
	for range 2 * maxWaiting {
		put()
	}
}

// hasRoomAgain checks that what waited is written, and that what is missing is said.
func hasRoomAgain(t *testing.T, store *capture.Store, f *File, r *Recorder) {
	t.Helper()
	eventually(t, "all is well again", func() bool { return r.Trouble() == "" })
	flows := store.Flows()
	last := flows[len(flows)-1].ID
	r.Close()
	about, err := f.About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, f, ""); n+about.Omitted.Flows != int(last) || n < maxWaiting || about.Omitted.Flows == 0 { //nolint:gosec // a count
		t.Errorf("%d flows are in it, %d are said to be left out, want %d in all", n, about.Omitted.Flows, last)
	}
	if len(r.waiting) != 0 || r.weight != 0 {
		t.Errorf("%d flows wait with %d bytes", len(r.waiting), r.weight)
	}
}

func TestRecorder_boundsTheBodiesThatWait(t *testing.T) {
	r := &Recorder{waiting: make(map[flow.ID]*flow.Flow)}
	x := stuck(1)
	x.Request.Body = make([]byte, maxWaitingBodies/4)
	for id := range flow.ID(8) {
		f := *x
		f.ID = id%6 + 1 // two come twice
		r.take([]*flow.Flow{&f})
	}
	bytes := 0
	for _, f := range r.waiting {
		bytes += f.BodyBytes()
	}
	if bytes != maxWaitingBodies || bytes != r.weight || r.lost.Bodies != 2 || x.Request.Body == nil {
		t.Errorf("%d bytes wait, %d are counted, %d bodies are lost", bytes, r.weight, r.lost.Bodies)
	}
}

func TestRecorder_isReadWithASQLiteShellWhileItWrites(t *testing.T) {
	if _, err := exec.LookPath("sqlite3"); err != nil {
		t.Skip("sqlite3 is not installed")
	}
	store, f, r := recorded(t)
	before := 0
	for round := range 10 {
		for id := range flow.ID(200) {
			store.Put(*stuck(flow.ID(200*round) + id + 1)) //nolint:gosec // a count
		}
		eventually(t, "the shell sees more", func() bool {
			out, err := exec.CommandContext(t.Context(), "sqlite3", "-readonly", f.Path, "SELECT count(*) FROM flows f JOIN records r ON r.flow = f.id JOIN connections c ON c.id = f.connection").CombinedOutput()
			n, bad := strconv.Atoi(strings.TrimSpace(string(out)))
			if err := errors.Join(err, bad); err != nil || n < before {
				t.Fatalf("%s: %v", out, err)
			}
			more := n > before
			before = n
			return more
		})
	}
	if why := r.Trouble(); why != "" {
		t.Error(why)
	}
}

func TestRecorder_boundsTheFlowsThatWait(t *testing.T) {
	r := &Recorder{waiting: make(map[flow.ID]*flow.Flow)}
	take := func(from, to flow.ID) {
		for id := from; id <= to; id++ {
			r.take([]*flow.Flow{stuck(id)})
		}
	}
	take(1, maxWaiting+10)
	if len(r.order) != maxWaiting+10 || r.lost.Flows != 0 {
		t.Errorf("%d wait and %d are lost, while they are being written", len(r.order), r.lost.Flows)
	}
	r.tell("the file was moved") // and is written
	take(maxWaiting+11, maxWaiting+11)
	if r.lost.Flows != 0 {
		t.Errorf("%d are lost", r.lost.Flows)
	}
	r.retry = began // the disk is full
	take(maxWaiting+12, maxWaiting+20)
	if len(r.order) != maxWaiting || len(r.waiting) != maxWaiting || r.order[0] != 21 || r.lost.Flows != 20 || r.weight != 2*maxWaiting {
		t.Errorf("%d wait, from flow %d on, and %d are lost; their bodies have %d bytes", len(r.order), r.order[0], r.lost.Flows, r.weight)
	}
}

// TestRecorder_writesManyFlowsAtOnce: in memory, those that wait take more than those that don't.
func TestRecorder_writesManyFlowsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, f, _ := recorded(t)
		store.Put(*stuck(1))
		synctest.Wait() // the first is written, and more are waited for
		began, id := time.Now(), flow.ID(1)
		add := func(n int) {
			for range n {
				id++
				store.Put(*stuck(id))
			}
			synctest.Wait()
		}
		add(many - 1)
		if n := count(t, f, "final"); n != 1 {
			t.Errorf("%d flows are written at once", n)
		}
		add(1)
		if n := count(t, f, "final"); n != 1+many || time.Since(began) > 0 {
			t.Errorf("%d of many flows are written after %v", n, time.Since(began))
		}
	})
}

// TestRecorder_writesFlowsInProgressOncePerBatch: each of them changes every 50 ms.
func TestRecorder_writesFlowsInProgressOncePerBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, f, _ := recorded(t)
		store.Put(*stuck(1))
		synctest.Wait() // the first is written, and more are waited for
		for rev := range uint32(2) {
			for id := range flow.ID(many) {
				x := *stuck(id + 2)
				x.State, x.Rev = flow.StateWaiting, rev+1
				store.Put(x)
			}
			synctest.Wait()
			if n := count(t, f, ""); n != 1 {
				t.Errorf("%d flows in progress are written at once", n-1)
			}
		}
		time.Sleep(batchEvery)
		synctest.Wait()
		if n := count(t, f, "rev = 2"); n != many {
			t.Errorf("%d flows are written", n)
		}
	})
}

func TestRecorder_writesFlowsByID(t *testing.T) {
	store, f := capture.New(capture.Options{}), create(t)
	r := &Recorder{file: f, store: store, sub: store.Subscribe(true), waiting: make(map[flow.ID]*flow.Flow)}
	defer r.sub.Close()
	for _, id := range []flow.ID{30, 10, 20} { // as they end
		store.Put(*stuck(id))
	}
	r.take(r.sub.Next(t.Context()))
	r.write()
	var order string
	if err := f.db.QueryRow("SELECT group_concat(flow, ' ' ORDER BY n) FROM changes").Scan(&order); err != nil || order != "10 20 30" {
		t.Errorf("written as %q, %v", order, err)
	}
}

// BenchmarkPut is what the proxy pays for a flow that is over: with a Recorder nothing
// more, but for the notice and what the other goroutine takes of the processor.
func BenchmarkPut(b *testing.B) {
	for _, name := range []string{"memory", "recorded"} {
		b.Run(name, func(b *testing.B) {
			store, f := capture.New(capture.Options{}), create(b)
			if name == "recorded" {
				r := Record(store, f, RecorderOptions{})
				defer r.Close()
			}
			x := stuck(1)
			b.ReportAllocs()
			for b.Loop() {
				x.ID++
				store.Put(*x)
			}
		})
	}
}

// BenchmarkWrite measures a flow's cost off the request's path, a hundred at a time.
func BenchmarkWrite(b *testing.B) {
	for name, of := range map[string]func(flow.ID) *flow.Flow{"failed": stuck, "typical": typical} {
		b.Run(name, func(b *testing.B) {
			f, flows, conn := create(b), make([]*flow.Flow, 100), of(1).Conn
			for i := range flows {
				flows[i] = of(flow.ID(i + 1))
				flows[i].Conn = conn
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, x := range flows {
					x.ID += 100
				}
				if err := f.Write(Batch{At: began, Flows: flows, Omitted: &flow.Omitted{}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestRecorder_writesWhatIsLostThoughNothingElseIsNew(t *testing.T) {
	store, f := capture.New(capture.Options{}), create(t)
	r := &Recorder{file: f, store: store, sub: store.Subscribe(true), lost: flow.Omitted{Flows: 3}}
	defer r.sub.Close()
	r.write()
	if about, err := f.About(t.Context()); err != nil || about.Omitted.Flows != 3 {
		t.Errorf("%+v, %v", about, err)
	}
}

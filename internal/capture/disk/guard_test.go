package disk

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"detour/internal/capture"
	"detour/internal/fault"
	"detour/internal/flow"
)

// guarded returns a guard, and what counts the panics that it reports to a log.
func guarded() (*fault.Guard, *atomic.Int32) {
	var panics atomic.Int32
	return fault.NewGuard(slog.New(slog.NewTextHandler(counter{&panics}, nil)), nil), &panics
}

// A counter counts writes.
type counter struct{ n *atomic.Int32 }

func (c counter) Write(p []byte) (int, error) {
	c.n.Add(1)
	return len(p), nil
}

// A flow that can't be written because that panics is lost alone, and counted.
func TestRecorder_losesNoOtherFlowToAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		guard, panics := guarded()
		store, f := capture.New(capture.Options{}), create(t)
		r := Record(store, f, RecorderOptions{Faults: guard})
		for id := range flow.ID(5) {
			x := stuck(id + 1)
			if id == 2 {
				x.Conn.Resolution.Each = []*flow.Reference{nil} // a record of it panics
			}
			store.Put(*x)
		}
		eventually(t, "the others are written", func() bool { return count(t, f, "") == 4 })
		store.Put(*stuck(9))
		eventually(t, "a later one is", func() bool { return count(t, f, "") == 5 })
		r.Close()
		if n := r.Missing(); n.Flows != 1 || panics.Load() != 2 || r.Trouble() != "" {
			t.Errorf("missing %+v after %d panics, trouble %q", n, panics.Load(), r.Trouble())
		}
	})
}

// If something else panics, each time, flows are written all the same.
func TestRecorder_writesFlowsThoughTheRestPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		guard, panics := guarded()
		store, f := capture.New(capture.Options{}), create(t)
		r := Record(store, f, RecorderOptions{Faults: guard, Redacted: func() map[string]int { panic("test") }})
		store.Put(*stuck(1))
		eventually(t, "a flow is written", func() bool { return count(t, f, "") == 1 })
		store.Put(*stuck(2))
		r.Close()
		if n := count(t, f, ""); n != 2 || r.Missing().Flows != 0 || r.Trouble() == "" || panics.Load() == 0 {
			t.Errorf("%d flows, missing %+v, trouble %q after %d panics", n, r.Missing(), r.Trouble(), panics.Load())
		}
	})
}

// A panic while a batch is written leaves nothing of it, and the next one can be written.
func TestFile_Write_canBeCalledAfterAPanic(t *testing.T) {
	f, bad := create(t), stuck(2)
	bad.Conn.Resolution.Each = []*flow.Reference{nil}
	if fault.Catch(func() { _ = f.Write(Batch{Flows: []*flow.Flow{stuck(1), bad}}) }) == nil {
		t.Fatal("it doesn't panic")
	}
	if n := count(t, f, ""); n != 0 {
		t.Errorf("%d flows are written", n)
	}
	write(t, f, Batch{Flows: []*flow.Flow{stuck(1), stuck(3)}})
	if n := count(t, f, ""); n != 2 {
		t.Errorf("then %d flows are written", n)
	}
}

//go:build unix

package browser

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestKeeper_aBrowserThatRequestsNothingIsSilent until it does.
func TestKeeper_aBrowserThatRequestsNothingIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newStateKeeper(t)
		time.Sleep(Silence - time.Millisecond)
		synctest.Wait()
		if k.State().Silent {
			t.Error("it is silent before its time")
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		const says = "the browser started 8 s ago and has requested nothing through detour"
		if s := k.State(); !s.Silent || s.Status != Open || s.String() != says {
			t.Errorf("%+v: %s", s, s)
		}
		k.requests.Add(1)
		time.Sleep(silencePoll)
		synctest.Wait()
		if s := k.State(); s != (State{}) {
			t.Errorf("after a request: %+v", s)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if _, states := k.reported(); !slices.Equal(states, []State{{}, {Silent: true}, {}}) {
			t.Errorf("reported %+v", states)
		}
	})
}

func TestKeeper_aBrowserThatRequestsSomethingInTimeIsNotSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newStateKeeper(t)
		time.Sleep(Silence - time.Second)
		k.requests.Add(1)
		time.Sleep(time.Hour)
		synctest.Wait()
		if _, states := k.reported(); !slices.Equal(states, []State{{}}) {
			t.Errorf("reported %+v", states)
		}
	})
}

// newStateKeeper runs a keeper whose browser does nothing, until the test ends.
func newStateKeeper(t *testing.T) *testKeeper {
	k := newTestKeeper(Options{})
	k.launch = func(ctx context.Context, _ Options) (*Process, error) {
		p := &Process{done: make(chan struct{})}
		context.AfterFunc(ctx, func() { close(p.done) })
		return p, nil
	}
	kept(t, k.Keeper)
	return k
}

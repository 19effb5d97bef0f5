package share

import (
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"

	"detour/internal/capture"
	"detour/internal/flow"
)

// TestMirror_choosesWhatWatchersKnowFirst: then what findings are about, then the newest.
func TestMirror_choosesWhatWatchersKnowFirst(t *testing.T) {
	var flows []*flow.Flow
	for id := range flow.ID(6) {
		f := call(id+1, 1, flow.StateDone)
		flows = append(flows, &f)
	}
	var m mirror
	chosen := func(most int) (ids []flow.ID) {
		m.choose(func(id flow.ID) bool { return id == 2 }, func(it *item) bool {
			it.sent = it.now
			ids = append(ids, it.id)
			return len(ids) < most
		})
		return ids
	}
	m.look(flows, false)
	if got := chosen(3); !slices.Equal(got, []flow.ID{2, 6, 5}) || m.open != 3 {
		t.Errorf("at first it chooses %v, and %d are left", got, m.open)
	}
	newer := *flows[4]
	newer.Rev = 2
	flows = append(slices.Clone(flows[:4]), &newer, flows[5])
	if gone := m.look(flows, false); len(gone) > 0 {
		t.Errorf("%d are gone", len(gone))
	}
	if got := chosen(2); !slices.Equal(got, []flow.ID{5, 4}) || m.open != 2 {
		t.Errorf("then it chooses %v, and %d are left", got, m.open)
	}
	gone := m.look(flows[2:], false)
	if len(gone) != 2 || gone[0].sent != nil || gone[1].sent == nil {
		t.Errorf("%d are gone", len(gone))
	}
	if got := chosen(9); !slices.Equal(got, []flow.ID{3}) || m.open != 0 {
		t.Errorf("at last it chooses %v, and %d are left", got, m.open)
	}
}

// TestPump_countsWhatCouldNotBeSent: flows that were gone before it came to them.
func TestPump_countsWhatCouldNotBeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feedOf(capture.New(capture.Options{}))
		w := f.Watch(Options{})
		defer w.Close()
		var s screen
		s.drain(t, w, -1)
		f.mu.Lock()
		f.pump.remove([]*item{{id: 1}, {id: 2}, {id: 3, backlog: true}})
		f.announce()
		f.mu.Unlock()
		e, err := w.Next(t.Context())
		var g Gap
		if err != nil || e.Name != EventGap || json.Unmarshal(e.Data, &g) != nil || g.Lost != 2 {
			t.Errorf("%s %s, %v", e.Name, e.Data, err)
		}
		s.drain(t, w, -1)
		if !s.whole {
			t.Error("it isn't told that nothing is missing any more")
		}
	})
}

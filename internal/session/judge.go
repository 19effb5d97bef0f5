package session

import (
	"context"
	"reflect"
	"time"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/intake"
)

// judgeEvery is how often all flows are judged again while something changes. A
// pending connection changes every time: it gets older.
const judgeEvery = 500 * time.Millisecond

// judge keeps the store's findings up to date until ctx is done.
func judge(ctx context.Context, store *capture.Store, names alias.Texts) {
	t := time.NewTicker(judgeEvery)
	defer t.Stop()
	var seen uint64
	var tracker diagnose.Tracker
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if store.Version() == seen && store.Stats().Pending == 0 && len(store.Findings()) == 0 {
			continue
		}
		now := time.Now()
		found := intake.Judge(store.Flows(), now, names)
		setFindings(store, tracker.Update(found, now))
		store.SetPending(diagnose.ByFlow(found))
		seen = store.Version()
	}
}

// judgeOnce judges at the end, when nothing changes any more.
func judgeOnce(store *capture.Store, names alias.Texts) {
	setFindings(store, intake.Judge(store.Flows(), time.Now(), names))
}

// setFindings gives the store findings that have changed. Setting the same ones again
// would redraw the table every time.
func setFindings(store *capture.Store, found []flow.Finding) {
	if !reflect.DeepEqual(found, store.Findings()) {
		store.SetFindings(found)
	}
}

package main

import (
	"context"
	"reflect"
	"time"

	"detour/internal/capture"
	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/intake"
)

// judgeEvery is how often all flows are judged anew while there is news. A
// pending connect is news every time: it gets older.
const judgeEvery = 500 * time.Millisecond

// judge keeps the store's findings up to date until ctx is done.
func judge(ctx context.Context, store *capture.Store) {
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
		setFindings(store, tracker.Update(intake.Judge(store.Flows(), now), now))
		seen = store.Version()
	}
}

// judgeOnce judges at the end, when nobody reads along any more.
func judgeOnce(store *capture.Store) { setFindings(store, intake.Judge(store.Flows(), time.Now())) }

// setFindings tells the store what is new. The same again isn't: each time would
// draw the table anew.
func setFindings(store *capture.Store, found []flow.Finding) {
	if !reflect.DeepEqual(found, store.Findings()) {
		store.SetFindings(found)
	}
}

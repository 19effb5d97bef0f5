package main

import (
	"context"
	"time"

	"detour/internal/capture"
	"detour/internal/diagnose"
)

// judgeEvery is how often all flows are judged anew while there is news. A
// pending connect is news every time: it gets older.
const judgeEvery = 500 * time.Millisecond

// judge keeps the store's findings up to date until ctx is done.
func judge(ctx context.Context, store *capture.Store) {
	t := time.NewTicker(judgeEvery)
	defer t.Stop()
	var seen uint64
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if store.Version() == seen && store.Stats().Pending == 0 {
			continue
		}
		judgeOnce(store)
		seen = store.Version()
	}
}

func judgeOnce(store *capture.Store) {
	found := diagnose.Run(store.Flows(), time.Now())
	if len(found) > 0 || len(store.Findings()) > 0 {
		store.SetFindings(found)
	}
}

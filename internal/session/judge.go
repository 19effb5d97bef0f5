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

// Judge keeps the store's findings, and what is known of its preflights, up to date until ctx
// is done. in is nil if the flows have them already.
func Judge(ctx context.Context, in *intake.Intake, store *capture.Store, tracker *diagnose.Tracker, names alias.Texts) {
	t := time.NewTicker(judgeEvery)
	defer t.Stop()
	var seen uint64
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if store.Version() == seen && store.Stats().Pending == 0 && len(store.Findings()) == 0 {
			continue
		}
		if in != nil {
			store.SetPreflights(in.Preflights())
		}
		flows := store.Flows()
		shown, found := tracker.Judge(flows, time.Now())
		setFindings(store, intake.Named(shown, flows, names))
		store.SetCodes(flows, diagnose.ByFlow(found))
		seen = store.Version()
	}
}

// conclude judges at the end, when nothing changes any more.
func conclude(store *capture.Store, tracker *diagnose.Tracker, names alias.Texts) {
	flows := store.Flows()
	shown, found := tracker.Conclude(flows, time.Now())
	setFindings(store, intake.Named(shown, flows, names))
	store.SetCodes(flows, diagnose.ByFlow(found))
}

// setFindings gives the store findings that have changed. Setting the same ones again
// would redraw the table every time.
func setFindings(store *capture.Store, found []flow.Finding) {
	if !reflect.DeepEqual(found, store.Findings()) {
		store.SetFindings(found)
	}
}

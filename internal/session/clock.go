package session

import (
	"net/http"
	"slices"
	"time"

	"detour/internal/capture"
	"detour/internal/flow"
)

// maxClocks is how many responses the clock is compared with at most.
const maxClocks = 50

// clockOffset is how many seconds this machine's clock is ahead of AWS's, by the Date of
// the newest responses: their median. It is 0 if the clock is right or nothing is known.
// A Date is cut to whole seconds, which is allowed for.
func clockOffset(store *capture.Store) int {
	var offsets []time.Duration
	flows := store.Flows()
	for _, f := range slices.Backward(flows) {
		if len(offsets) == maxClocks {
			break
		}
		if f.Response == nil || f.Origin == flow.OriginOther || f.Times.FirstByte.IsZero() {
			continue
		}
		whole := store.Get(f.ID)
		if whole == nil || flow.Has(whole.Response.Headers, "Age") { // a cache's copy is as old as it is
			continue
		}
		if at, err := http.ParseTime(flow.Get(whole.Response.Headers, "Date")); err == nil {
			offsets = append(offsets, f.Times.FirstByte.Sub(at))
		}
	}
	if len(offsets) == 0 {
		return 0
	}
	slices.Sort(offsets)
	if d := offsets[len(offsets)/2]; d < -time.Second || d > 2*time.Second {
		return int(d.Round(time.Second) / time.Second)
	}
	return 0
}

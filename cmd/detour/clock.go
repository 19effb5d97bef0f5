package main

import (
	"net/http"
	"slices"
	"time"

	"detour/internal/capture"
	"detour/internal/flow"
)

// maxClocks bounds the answers that the clock is compared with.
const maxClocks = 50

// clockOffset is this machine's clock less AWS's, by the Date of its answers, whole
// seconds: the median of the newest ones. 0 if there is none, or it is right. A
// second that a Date is cut off by isn't counted.
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

package diagnose

import (
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

// A hostRecord is what all flows of one host show.
type hostRecord struct {
	reached          bool       // it responded, of AWS or not
	answered         bool       // it responded to anything, even a preflight
	called           bool       // it responded to a call that isn't a preflight
	refusedPreflight bool       // it answered a preflight without permission
	permitted        bool       // it answered a preflight with permission
	trusted          bool       // its certificate was accepted
	firstAnswer      *flow.Flow // the one that was asked first, even a preflight
	lastAnswer       *flow.Flow
	lastSuccess      map[string]flow.ID // by operation
	later            []flow.Later       // what was learned of its addresses afterwards
	timed            int                // calls whose duration tells how quick the host is
	slow             []*flow.Flow       // those of them that took long
}

// metAfter reports whether the host was connected to for the first time after an instant.
func (h *hostRecord) metAfter(at time.Time) bool {
	f := h.firstAnswer
	return f != nil && f.Times.Start.After(at) && f.Phases != nil && f.Phases.Connect > 0
}

func (h *hostRecord) succeeded(f *flow.Flow) {
	if h.lastSuccess == nil {
		h.lastSuccess = make(map[string]flow.ID)
	}
	h.lastSuccess[flowset.OperationOf(f)] = f.ID
}

// hostRecords are the records by authority. Authorities of one host, which differ in their
// port or in their spelling, share its record.
type hostRecords map[string]*hostRecord

// of is the record of a flow's host.
func (r hostRecords) of(f *flow.Flow) *hostRecord {
	a := flowset.AuthorityOf(f)
	h := r[a]
	if h == nil {
		host := flowset.HostOf(f)
		if h = r[host]; h == nil {
			h = &hostRecord{}
			r[host] = h
		}
		r[a] = h
	}
	return h
}

package diagnose

import "detour/internal/flow"

// A hostRecord is what all flows of one host show.
type hostRecord struct {
	answered         bool // it responded to anything, even a preflight
	called           bool // it responded to a call that isn't a preflight
	refusedPreflight bool // it answered a preflight without permission
	permitted        bool // it answered a preflight with permission
	trusted          bool // its certificate was accepted
	lastAnswer       *flow.Flow
	lastSuccess      map[string]flow.ID // by operation
	timed            int                // calls whose duration tells how quick the host is
	slow             []*flow.Flow       // those of them that took long
}

func (h *hostRecord) succeeded(f *flow.Flow) {
	if h.lastSuccess == nil {
		h.lastSuccess = make(map[string]flow.ID)
	}
	h.lastSuccess[operationOf(f)] = f.ID
}

// operationOf is the operation that a flow calls; "" if it isn't known.
func operationOf(f *flow.Flow) string {
	if f.AWS == nil {
		return ""
	}
	return f.AWS.Operation
}

// hostRecords are the records by authority. Authorities of one host, which differ in their
// port or in their spelling, share its record.
type hostRecords map[string]*hostRecord

// of is the record of a flow's host.
func (r hostRecords) of(f *flow.Flow) *hostRecord {
	a := authorityOf(f)
	h := r[a]
	if h == nil {
		host := hostOf(f)
		if h = r[host]; h == nil {
			h = &hostRecord{}
			r[host] = h
		}
		r[a] = h
	}
	return h
}

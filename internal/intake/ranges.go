package intake

import (
	"slices"
	"sync/atomic"

	"detour/internal/aws"
	"detour/internal/fault"
	"detour/internal/flow"
)

// InBackground loads address ranges in the background and returns a Config.Ranges, which
// returns nil until they are loaded. If loading fails, it calls failed, and the ranges stay
// nil.
func InBackground(load func() (*aws.Ranges, error), failed func(error)) func() *aws.Ranges {
	var table atomic.Pointer[aws.Ranges]
	go func() {
		var t *aws.Ranges
		var err error
		if p := fault.Catch(func() { t, err = load() }); p != nil {
			err = p
		}
		if err != nil {
			failed(err)
			return
		}
		table.Store(t)
	}()
	return table.Load
}

// withRanges returns a connection to an AWS host with the ranges of its addresses.
func (in *Intake) withRanges(c *flow.Conn) *flow.Conn {
	t := in.cfg.Ranges()
	if t == nil || c.Resolution == nil || !in.cfg.Tables.IsAWS(c.Resolution.Name) {
		return c
	}
	return inRanges(t, c)
}

// inRanges returns the connection with the ranges of its addresses, or c if there is nothing
// to add. It doesn't write to what c points at.
func inRanges(t *aws.Ranges, c *flow.Conn) *flow.Conn {
	r := c.Resolution
	public := func(a flow.Scope) bool { return a == flow.ScopePublic }
	if r.Ranges != nil || !slices.ContainsFunc(r.Scopes(), public) {
		return c
	}
	out, res := *c, *r
	res.Ranges = make([]string, len(r.Addrs))
	for i, a := range r.Addrs {
		if found, ok := t.Lookup(a); ok {
			res.Ranges[i] = found.String()
		}
	}
	out.Resolution = &res
	return &out
}

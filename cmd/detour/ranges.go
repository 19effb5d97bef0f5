package main

import (
	"slices"
	"sync/atomic"

	"detour/internal/aws"
	"detour/internal/flow"
)

// ranges returns what says of a connection's public addresses what AWS publishes
// of them. The table is loaded in the background; until it is there, nothing is said.
func (s *session) ranges(load func() (*aws.Ranges, error)) func(*flow.Conn) *flow.Conn {
	if load == nil {
		return func(c *flow.Conn) *flow.Conn { return c }
	}
	var table atomic.Pointer[aws.Ranges]
	go func() {
		t, err := load()
		if err != nil {
			s.log.Error("ranges", "error", err)
			return
		}
		table.Store(t)
	}()
	return func(c *flow.Conn) *flow.Conn {
		t := table.Load()
		if t == nil || c.Resolution == nil || !s.tables.IsAWS(c.Resolution.Name) {
			return c
		}
		return inRanges(t, c)
	}
}

// inRanges returns the connection with what AWS publishes of its addresses, or the
// same connection if there is nothing to say. What c points at is left as it is.
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

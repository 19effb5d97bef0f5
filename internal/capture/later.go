package capture

import (
	"slices"
	"strings"

	"detour/internal/flow"
)

// maxLater limits the connections of which it is remembered what was learned, for flows that
// are put afterwards.
const maxLater = 256

// Learn adds what was learned of a connection after it was made to the flows that caused it.
// It changes nothing else of them, except the findings.
func (s *Store) Learn(conn flow.ID, l flow.Later) {
	l = s.opt.Intake.Later(l)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.later == nil || len(s.later) >= maxLater && s.later[conn] == nil {
		s.later = make(map[flow.ID][]flow.Later)
	}
	known := append(slices.Clone(s.later[conn]), l)
	s.later[conn] = known[max(0, len(known)-flow.MaxLater):]
	for i := range s.entries {
		if e := &s.entries[i]; causes(e.Flow, conn) {
			s.addLater(e, l)
		}
	}
}

// LearnOf adds what was learned of a host to its newest flow that failed, or else to its newest
// flow, and returns the flow's ID. It does nothing and returns 0 if there is none.
func (s *Store) LearnOf(authority string, all []flow.Later) flow.ID {
	all = slices.Clone(all)
	for i := range all {
		all[i] = s.opt.Intake.Later(all[i])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	newest := -1
	for i, e := range slices.Backward(s.entries) {
		if !goesTo(e.Flow, authority) {
			continue
		}
		if newest < 0 || e.Failure != nil {
			newest = i
		}
		if e.Failure != nil {
			break
		}
	}
	if newest < 0 {
		return 0
	}
	e := &s.entries[newest]
	if len(all) > 0 {
		s.addLater(e, all...)
	}
	return e.ID
}

// goesTo reports whether a flow's connection goes to a host:port, or, if it has none, its request.
func goesTo(f *flow.Flow, authority string) bool {
	if f.Conn != nil && f.Conn.Authority != "" {
		return f.Conn.Authority == authority
	}
	return strings.EqualFold(f.Request.Authority(), authority)
}

// addLater publishes a revision of a flow with what was learned.
func (s *Store) addLater(e *entry, all ...flow.Later) {
	s.revise(e, func(f *flow.Flow) {
		f.AddLater(all...)
		if f.Final() {
			f.Findings = s.opt.Intake.Codes(f)
		}
	})
}

// addKnown adds what was learned of f's connections before this revision came.
func (s *Store) addKnown(f *flow.Flow) {
	if len(s.later) == 0 && len(f.Later) == 0 {
		return
	}
	if f.Conn != nil && !f.Reused {
		s.addKnownOf(f, f.Conn.ID)
	}
	for _, c := range f.Unused {
		s.addKnownOf(f, c.ID)
	}
	if f.Final() && len(f.Later) > 0 {
		f.Findings = s.opt.Intake.Codes(f)
	}
}

func (s *Store) addKnownOf(f *flow.Flow, conn flow.ID) {
	for _, l := range s.later[conn] {
		if !slices.Contains(f.Later, l) {
			f.AddLater(l)
		}
	}
}

// causes reports whether a connection was made for f.
func causes(f *flow.Flow, conn flow.ID) bool {
	return f.Conn != nil && f.Conn.ID == conn && !f.Reused ||
		slices.ContainsFunc(f.Unused, func(c *flow.Conn) bool { return c.ID == conn })
}

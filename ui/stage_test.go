package ui

import (
	"slices"
	"sync"

	"detour/internal/flow"
)

// A stage is a Source that a test sets.
type stage struct {
	mu       sync.Mutex
	version  uint64
	flows    []*flow.Flow
	findings []flow.Finding
	reads    int
	light    map[*flow.Flow]*flow.Flow // without header fields
}

func (s *stage) set(flows []*flow.Flow, findings []flow.Finding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.flows, s.findings = flows, findings
}

func (s *stage) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Flows returns those that are over without their header fields, as a capture does.
func (s *stage) Flows() []*flow.Flow {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	out := slices.Clone(s.flows)
	if s.light == nil {
		s.light = map[*flow.Flow]*flow.Flow{}
	}
	for i, f := range out {
		if !f.Final() {
			continue
		}
		if s.light[f] == nil {
			bare := *f
			bare.Request.Headers = nil
			if f.Response != nil {
				r := *f.Response
				r.Headers = nil
				bare.Response = &r
			}
			s.light[f] = &bare
		}
		out[i] = s.light[f]
	}
	return out
}

func (s *stage) Get(id flow.ID) *flow.Flow {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.flows {
		if f.ID == id {
			return f
		}
	}
	return nil
}

func (s *stage) Findings() []flow.Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findings
}

package alias

import (
	"slices"
	"sync"
)

// maxStandIns limits how many stand-ins have the name of what they stand for.
const maxStandIns = 1 << 16

// StandIns know what the stand-ins of strict records stand for. The methods may be called
// concurrently; those of a nil StandIns know nothing. The zero value is empty.
type StandIns struct {
	mu        sync.RWMutex
	originals map[string]string
	added     []string // the stand-ins, in the order of their first use
}

// Add remembers what a stand-in stands for.
func (s *StandIns) Add(standIn, original string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.originals[standIn]; ok || len(s.added) >= maxStandIns {
		return
	}
	if s.originals == nil {
		s.originals = make(map[string]string)
	}
	s.originals[standIn] = original
	s.added = append(s.added, standIn)
}

// Since returns the stand-ins except the first n.
func (s *StandIns) Since(n int) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.added[n:])
}

// original returns what a stand-in stands for.
func (s *StandIns) original(standIn string) (string, bool) {
	if s == nil {
		return "", false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	o, ok := s.originals[standIn]
	return o, ok
}

package unjudged

import "detour/internal/fault"

// Panics are those of a run's rules, the first one of each. The zero value is ready to use.
type Panics struct {
	known map[string]bool
	news  map[string]*fault.Panic
}

// Note adds the panics of rules that were judged.
func (p *Panics) Note(rules Rules) {
	for code, r := range rules {
		if p.known[code] {
			continue
		}
		if p.known == nil {
			p.known, p.news = make(map[string]bool), make(map[string]*fault.Panic)
		}
		p.known[code], p.news[code] = true, r.Panic
	}
}

// Take returns the panics that it hasn't returned before, by code.
func (p *Panics) Take() map[string]*fault.Panic {
	news := p.news
	p.news = make(map[string]*fault.Panic)
	return news
}

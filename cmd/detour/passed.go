package main

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// passed are hosts that are passed unread although --decrypt has them: their
// clients refuse our certificate. It may be used concurrently.
type passed struct {
	mu    sync.Mutex
	hosts map[string]bool
}

func newPassed(hosts []string) *passed {
	p := &passed{hosts: make(map[string]bool)}
	for _, h := range hosts {
		p.hosts[h] = true
	}
	return p
}

// toggle passes a host unread from now on, or decrypts it again, and reports which.
func (p *passed) toggle(host string) (unread bool) {
	host = strings.ToLower(host)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hosts[host] {
		delete(p.hosts, host)
		return false
	}
	p.hosts[host] = true
	return true
}

// list are the hosts, sorted.
func (p *passed) list() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.hosts))
}

// but is intercept without these hosts.
func (p *passed) but(intercept func(host string) bool) func(host string) bool {
	if intercept == nil {
		return nil
	}
	return func(host string) bool {
		p.mu.Lock()
		unread := p.hosts[host]
		p.mu.Unlock()
		return !unread && intercept(host)
	}
}

package decrypt

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// A Passthrough is the list of hosts that are passed through although a policy decrypts
// them: their clients reject our certificates, say. It may be used concurrently.
type Passthrough struct {
	mu    sync.Mutex
	hosts map[string]bool
}

// NewPassthrough returns a list of these hosts.
func NewPassthrough(hosts []string) *Passthrough {
	p := &Passthrough{hosts: make(map[string]bool)}
	for _, h := range hosts {
		p.hosts[h] = true
	}
	return p
}

// Toggle adds a host or, if it is in the list, removes it. It reports whether the host
// is in the list now. Connections that are open don't change.
func (p *Passthrough) Toggle(host string) (listed bool) {
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

// Has reports whether a host is in the list.
func (p *Passthrough) Has(host string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hosts[host]
}

// Hosts returns the list, sorted.
func (p *Passthrough) Hosts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.hosts))
}

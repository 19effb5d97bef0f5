package splitdns

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

const (
	maxAge   = 30 * time.Second // how long rules that were read are used
	readTime = 2 * time.Second  // how long reading them may take
)

// Current are the system's rules as they are now: a VPN that comes up adds some. The zero value is
// ready to use, also concurrently.
type Current struct {
	mu    sync.Mutex
	read  time.Time
	rules Rules
}

// For is [Rules.For] of the current rules.
func (c *Current) For(name string) []netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read.IsZero() || time.Since(c.read) > maxAge {
		ctx, cancel := context.WithTimeout(context.Background(), readTime)
		defer cancel()
		c.rules, c.read = Read(ctx), time.Now()
	}
	return c.rules.For(name)
}

package certs

import (
	"container/list"
	"crypto/tls"
	"sync"
	"time"
)

const (
	// leafRenewBefore is how long before it expires a cached leaf is replaced.
	leafRenewBefore = 24 * time.Hour
	// maxLeaves is far above the few hundred hosts of a browser session. It limits
	// the memory that a client can use up by requesting arbitrary names.
	maxLeaves = 2000
)

// A leaf is a cache entry. The first caller who needs it signs it, in once, without
// holding the cache's lock.
type leaf struct {
	name string
	once sync.Once
	cert *tls.Certificate
	err  error

	renew time.Time // when to replace it; zero: never. Guarded by cache.mu
}

// A cache is an LRU cache of leaves. Its zero value is empty.
type cache struct {
	mu     sync.Mutex
	byName map[string]*list.Element
	recent list.List // of *leaf, most recently used first
}

// get returns the entry for name. It is a new one if there is none, or if it is
// time to replace its certificate.
func (c *cache) get(name string, now time.Time) *leaf {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byName[name]; e != nil {
		l := e.Value.(*leaf)
		if l.renew.IsZero() || now.Before(l.renew) {
			c.recent.MoveToFront(e)
			return l
		}
		c.remove(e)
	}
	if c.byName == nil {
		c.byName = make(map[string]*list.Element)
	}
	if len(c.byName) >= maxLeaves {
		c.remove(c.recent.Back())
	}
	l := &leaf{name: name}
	c.byName[name] = c.recent.PushFront(l)
	return l
}

// setRenew sets when l is to be replaced.
func (c *cache) setRenew(l *leaf, renew time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.renew = renew
}

// drop removes l, unless it has been replaced already.
func (c *cache) drop(l *leaf) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byName[l.name]; e != nil && e.Value.(*leaf) == l {
		c.remove(e)
	}
}

func (c *cache) remove(e *list.Element) {
	delete(c.byName, e.Value.(*leaf).name)
	c.recent.Remove(e)
}

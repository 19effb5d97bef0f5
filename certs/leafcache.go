package certs

import (
	"container/list"
	"crypto/tls"
	"sync"
	"time"
)

const (
	// leafRenew is when a cached leaf is signed anew ahead of its end.
	leafRenew = 24 * time.Hour
	// maxLeaves is far above the few hundred hosts of a browser session, and bounds
	// the memory that a client can make us use by asking for made-up names.
	maxLeaves = 2000
)

// A leaf is signed, outside the cache's lock, by whoever asks for it first.
type leaf struct {
	name string
	once sync.Once
	cert *tls.Certificate
	err  error

	renew time.Time // from when it is signed anew; zero: never. Guarded by cache.mu
}

// A cache keeps the leaves that were used last. Its zero value is empty.
type cache struct {
	mu     sync.Mutex
	byName map[string]*list.Element
	recent list.List // of *leaf, the last used one in front
}

// get returns the entry for name, a fresh one if there is none or its
// certificate nears its end.
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

// keep sets until when l serves.
func (c *cache) keep(l *leaf, renew time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.renew = renew
}

// drop forgets l, unless another one has taken its place.
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

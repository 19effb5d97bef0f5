package proxy

import (
	"sync"
	"time"

	"detour/internal/shortage"
)

// noticeQuiet is how long no further notice is given of the same kind.
const noticeQuiet = time.Minute

// A noticeLimit limits how often a notice is given. The zero value is ready to use.
type noticeLimit struct {
	mu   sync.Mutex
	last time.Time
}

// due reports whether to give a notice now.
func (n *noticeLimit) due(now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.last.IsZero() && now.Sub(n.last) < noticeQuiet {
		return false
	}
	n.last = now
	return true
}

// acceptFailed gives a notice if a client couldn't be accepted because something of this
// machine has run out.
func (p *Proxy) acceptFailed(err error) {
	short := shortage.Of(err)
	if short != "" && p.cfg.Notice != nil && p.accepts.due(time.Now()) {
		p.cfg.Notice("clients have to wait: " + short.Sentence())
	}
}

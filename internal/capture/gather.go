package capture

import "time"

// Gather waits until there are n final revisions to read, the time is over, or the subscription is closed. It
// is for readers that read many at once: the proxy then wakes them less often. Flows in progress may have
// several revisions meanwhile, of which such a reader needs the last.
func (u *Subscription) Gather(n int, atMost time.Duration) {
	u.mu.Lock()
	if u.finals >= n || u.closed {
		u.mu.Unlock()
		return
	}
	u.enough = n
	select {
	case <-u.gather: // of an earlier call, whose time was over
	default:
	}
	u.mu.Unlock()
	over := time.NewTimer(atMost)
	defer over.Stop()
	select {
	case <-u.gather:
	case <-over.C:
	}
}

// gathered ends Gather if there are enough final revisions. The caller holds the lock.
func (u *Subscription) gathered() {
	if u.enough > 0 && u.finals >= u.enough {
		u.enough = 0
		signal(u.gather)
	}
}

// signal puts a token into a channel that has room for one, unless it is there.
func signal(token chan<- struct{}) {
	select {
	case token <- struct{}{}:
	default:
	}
}

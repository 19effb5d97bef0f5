package peeruser

import (
	"fmt"
	"sync"
	"time"

	"detour/internal/wording"
)

// said tells of refusals: the first at once, later ones together.
type said struct {
	tell  func(text string)
	every time.Duration
	now   func() time.Time

	mu      sync.Mutex
	last    time.Time // zero: nothing was told yet
	pending int       // refusals since then
}

// hint is what the user can do.
const hint = "only your own programs and root's may use the proxy; --allow-users any admits every user's"

// refused tells of a refusal, unless it told of one shortly before. text is called only
// then: it may look up a name.
func (s *said) refused(text func() string) {
	s.mu.Lock()
	now := s.now()
	if !s.last.IsZero() && now.Sub(s.last) < s.every {
		s.pending++
		s.mu.Unlock()
		return
	}
	more := s.pending
	s.last, s.pending = now, 0
	s.mu.Unlock()
	sentence := text()
	if more > 0 {
		sentence += fmt.Sprintf(", and %s before it", wording.Count(more, "other"))
	}
	s.tell(sentence + ": " + hint)
}

package h2wire

// An InWindow is what a peer may still send of bodies, and how much of it was read since the
// peer was told.
type InWindow struct {
	Left int64 // that the peer may send
	Read int64 // that the peer may send once it is told
}

// windowStep is how much is read before the peer is told: less costs a frame more often.
const windowStep = 64 << 10

// Take counts n bytes that came, and reports whether the peer might send them.
func (w *InWindow) Take(n int) bool {
	w.Left -= int64(n)
	return w.Left >= 0
}

// Give counts n bytes that were read, and returns how many to tell the peer; 0: none yet.
func (w *InWindow) Give(n int) uint32 {
	w.Read += int64(n)
	if w.Read < windowStep && w.Read < w.Left {
		return 0
	}
	tell := w.Read
	w.Left, w.Read = w.Left+tell, 0
	return uint32(tell)
}

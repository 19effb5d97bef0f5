package serve

// places are a limited number of places for streams.
type places chan struct{}

func newPlaces(n int) places { return make(places, n) }

// take takes a place, and reports whether there was one.
func (p places) take() bool {
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p places) free() { <-p }

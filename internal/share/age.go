package share

import (
	"slices"
	"time"
)

// ageEvery is how often rows of flows in progress are made again: they say how long something has
// taken so far, and what hasn't responded for a while is a problem.
const ageEvery = time.Second

// age adds the rows of flows in progress that haven't changed, the newest first, as long as there
// is time.
func (p *pump) age(b *batch, forms [2]bool, began time.Time, work time.Duration) {
	if !forms[asRows] || began.Sub(p.aged) < ageEvery {
		return
	}
	p.aged = began
	for _, it := range slices.Backward(p.items) {
		strict := it.subject.flow // only the pump writes it
		if it.sent != it.now || it.now.Final() || strict == nil || slices.Contains(b.items, it) {
			continue
		}
		if time.Since(began) >= work {
			return
		}
		x := published{sent: it.sent, strict: strict}
		x.data[asRows] = p.feed.cfg.Renderer.Row(strict, p.feed.cfg.Now())
		b.items, b.flows = append(b.items, it), append(b.flows, x)
	}
}

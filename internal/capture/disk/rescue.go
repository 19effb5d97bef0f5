package disk

import (
	"time"

	"detour/internal/flow"
)

// partLost is what a panic means to the user.
const partLost = "a part of the capture can't be written"

// What Trouble returns after a panic.
var (
	stopped    = "a fault in detour ended the writing of the capture"
	incomplete = "a fault in detour keeps a part of the capture from being written"
)

// writeEach writes the flows that wait one by one, after a panic: those with which it panics again
// are lost. If nothing at all can be written, they wait.
func (r *Recorder) writeEach() {
	r.tell(incomplete)
	r.retry = time.Now().Add(retryEvery)
	if written, _ := r.writeAlone(nil); !written {
		return
	}
	left := r.order[:0]
	for _, id := range r.order {
		f := r.waiting[id]
		written, panicked := r.writeAlone([]*flow.Flow{f})
		if !written && !panicked {
			left = append(left, id)
			continue
		}
		if panicked && f.Final() {
			r.lost.Flows++ // another revision of one in progress comes
		}
		r.weight -= f.BodyBytes()
		delete(r.waiting, id)
	}
	r.order = left
}

// writeAlone writes flows, and reports whether it could, or whether it panicked.
func (r *Recorder) writeAlone(flows []*flow.Flow) (written, panicked bool) {
	panicked = !r.opt.Faults.Do(partLost, func() { written = r.file.Write(Batch{At: time.Now(), Flows: flows}) == nil })
	return written, panicked
}

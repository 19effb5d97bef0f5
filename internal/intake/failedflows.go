package intake

import "detour/internal/flow"

// failedFlows keeps flows without a response as they are, with bodies and header fields, as many as there is
// room for. A report has the details of those first: the file needn't be read for them.
type failedFlows struct {
	size int // of those that are kept, about
	byID map[flow.ID]flow.Flow
}

// maxFailed is how much failedFlows keeps, in bytes.
const maxFailed = 4 << 20

func (k *failedFlows) add(f *flow.Flow) {
	if f.Response != nil {
		return
	}
	size := 2<<10 + len(f.Request.Body)
	for _, h := range f.Request.Headers {
		size += len(h.Name) + len(h.Value)
	}
	if k.size+size > maxFailed {
		return
	}
	if k.byID == nil {
		k.byID = make(map[flow.ID]flow.Flow)
	}
	k.size += size
	k.byID[f.ID] = *f
}

// has reports whether all flows with these IDs are kept.
func (k *failedFlows) has(ids []flow.ID) bool {
	for _, id := range ids {
		if _, ok := k.byID[id]; !ok {
			return false
		}
	}
	return true
}

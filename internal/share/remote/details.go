package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/share"
	"detour/internal/wording"
)

// Limits of what is fetched.
const (
	fetchers    = 4         // at the same time
	maxDetails  = 64        // flows whose header fields and bodies are kept
	maxDetailed = 32 << 20  // bytes of their records
	maxFetched  = 256 << 20 // bytes of the records of one Fetch
)

// errAbsent is the error of a flow that the host doesn't have any more.
var errAbsent = errors.New("the host doesn't have its header fields and bodies any more")

// details are the header fields and bodies of flows that were looked at.
type details struct {
	wanted chan flow.ID // that is looked at and isn't here; the newest one counts

	mu   sync.Mutex
	all  []detail // the one that was fetched last at the end
	size int
}

// A detail is what the host has sent of a flow's revision.
type detail struct {
	id   flow.ID
	rev  uint32
	flow *flow.Flow // nil: why
	why  error
	size int
}

func newDetails() details { return details{wanted: make(chan flow.ID, 1)} }

// of returns the detail of a flow's revision.
func (d *details) of(f *flow.Flow) (detail, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, x := range d.all {
		if x.id == f.ID && x.rev == f.Rev {
			return x, true
		}
	}
	return detail{}, false
}

// add adds a detail. The oldest ones make room.
func (d *details) add(x detail) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = slices.DeleteFunc(d.all, func(old detail) bool {
		if old.id == x.id {
			d.size -= old.size
		}
		return old.id == x.id
	})
	d.all, d.size = append(d.all, x), d.size+x.size
	for len(d.all) > maxDetails || d.size > maxDetailed && len(d.all) > 1 {
		d.size -= d.all[0].size
		d.all = slices.Delete(d.all, 0, 1)
	}
}

// want asks for a flow, in place of the one that was asked for and not fetched yet.
func (d *details) want(id flow.ID) {
	for {
		select {
		case d.wanted <- id:
			return
		default:
		}
		select {
		case <-d.wanted:
		default:
		}
	}
}

// Get returns a flow with its header fields and bodies as far as they are here; nil if it isn't. It
// doesn't wait: what isn't here is fetched, and the flow then has another pointer in Flows.
func (w *Watch) Get(id flow.ID) *flow.Flow {
	f := w.flow(id)
	if f == nil || !f.Final() {
		return f
	}
	x, known := w.details.of(f)
	switch {
	case !known:
		w.details.want(id)
	case x.flow != nil:
		return x.flow
	}
	return f
}

// Missing says why Get returns a flow without its header fields and bodies; "": it has them.
func (w *Watch) Missing(id flow.ID) string {
	f := w.flow(id)
	if f == nil || !f.Final() {
		return ""
	}
	switch x, known := w.details.of(f); {
	case known && x.flow != nil:
		return ""
	case known:
		return x.why.Error()
	case w.isCut():
		return "its header fields and bodies aren't here: " + errNoContact.Error()
	}
	return "its header fields and bodies are being fetched from the host"
}

// fetchWanted fetches what Get was asked for, until ctx is done.
func (w *Watch) fetchWanted(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-w.details.wanted:
			if f := w.flow(id); f != nil {
				w.fetchDetail(ctx, f)
			}
		}
	}
}

// fetchDetail fetches what is missing of a flow.
func (w *Watch) fetchDetail(ctx context.Context, f *flow.Flow) {
	got, size, err := w.fetch(ctx, f.ID)
	switch {
	case errors.Is(err, errAbsent):
		w.details.add(detail{id: f.ID, rev: f.Rev, why: err})
	case err != nil:
		return // the next Get asks again
	default:
		got.Rev = f.Rev // what is newer in it comes with the stream, too
		got.Marked, got.Note, got.Findings, got.Later = f.Marked, f.Note, f.Findings, f.Later
		w.details.add(detail{id: f.ID, rev: f.Rev, flow: got, size: size})
	}
	w.change(func() { w.renew(f.ID) })
}

// fetch asks the host for all of a flow. size is that of its record.
func (w *Watch) fetch(ctx context.Context, id flow.ID) (_ *flow.Flow, size int, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	r, err := w.target.request(ctx, fmt.Sprintf("/flow/%d?as=records", id))
	if err != nil {
		return nil, 0, err
	}
	answer, err := w.sender.RoundTrip(r)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil, 0, errAbsent
	default:
		err, _ := w.target.refused(answer)
		return nil, 0, err
	}
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxEvent+1))
	if err == nil && len(b) > maxEvent {
		err = errTooLong
	}
	if err != nil {
		return nil, 0, err
	}
	f, err := w.received.Flow(b)
	if err == nil && f.ID != id {
		err = errors.New("the host has sent another flow")
	}
	return f, len(b), err
}

// errNoContact is the error of a flow that can't be asked for.
var errNoContact = errors.New("there is no contact with the host")

// whole returns all of a flow: what is here, or what the host has.
func (w *Watch) whole(ctx context.Context, id flow.ID) (_ *flow.Flow, size int, err error) {
	if f := w.flow(id); f != nil {
		if x, known := w.details.of(f); known {
			return x.flow, x.size, x.why
		}
	}
	if w.isCut() {
		return nil, 0, errNoContact
	}
	return w.fetch(ctx, id)
}

// isCut reports whether there is no contact.
func (w *Watch) isCut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.cut.IsZero()
}

// Capture has what is known of the run. The slices must not be written to.
func (w *Watch) Capture() flow.Capture {
	c := flow.Capture{
		Creator: "detour", Strict: true, Names: w.names.Texts(nil),
		Flows: w.Flows(), Findings: w.Findings(), Steps: w.Steps(), Checks: w.Checks(),
	}
	if w.About().Kind == share.KindDemo {
		c.Environment = &flow.Environment{Simulated: true}
	}
	return c
}

// Export returns a capture of these flows as far as they are here, complete, with the host's
// findings about them. Those in progress end now. lacks counts those without their header fields
// and bodies. The error is as of Fetch.
func (w *Watch) Export(ctx context.Context, ids []flow.ID) (_ *flow.Capture, lacks int, err error) {
	c, now := w.Capture(), w.Now()
	whole, lacks, err := w.Fetch(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	all := len(c.Flows)
	c.Flows = slices.DeleteFunc(c.Flows, func(f *flow.Flow) bool {
		_, chosen := slices.BinarySearch(ids, f.ID)
		return !chosen
	})
	if len(c.Flows) < all {
		c.Findings = finding.About(c.Findings, c.Flows)
	}
	for i, f := range c.Flows {
		c.Flows[i] = cmp.Or(whole[f.ID], f).CutOff(now)
	}
	return &c, lacks, nil
}

// Fetch returns flows with their header fields and bodies, by their IDs, for an export. lacks counts
// those that the host can't send any more. The error is that of ctx, or that they are too large.
func (w *Watch) Fetch(ctx context.Context, ids []flow.ID) (whole map[flow.ID]*flow.Flow, lacks int, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan flow.ID)
	var (
		mu    sync.Mutex
		total int
		all   sync.WaitGroup
	)
	whole = make(map[flow.ID]*flow.Flow, len(ids))
	take := func(id flow.ID) {
		f, size, err := w.whole(ctx, id)
		mu.Lock()
		defer mu.Unlock()
		if total += size; total > maxFetched {
			stop(fmt.Errorf("the flows have more than %s: export fewer rows", wording.Bytes(maxFetched)))
		}
		if err != nil {
			lacks++
			return
		}
		whole[id] = f
	}
	for range fetchers {
		all.Go(func() {
			for id := range next {
				take(id)
			}
		})
	}
	for _, id := range ids {
		select {
		case next <- id:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	all.Wait()
	return whole, lacks, context.Cause(ctx)
}

package share

import "detour/internal/flow"

// A subject is what events are about: a flow, the findings. Only its newest event counts; one
// before it is superseded.
type subject struct {
	name   Name
	number uint64     // of the newest event; 0: there is none
	flow   *flow.Flow // redacted; of a flow
	data   [2][]byte  // the event's data by form; nil: it isn't encoded
}

// A form is how flows and findings are written.
type form int

// The forms.
const (
	asRecords form = iota
	asRows
)

func (o Options) form() form {
	if o.Rows {
		return asRows
	}
	return asRecords
}

// logSize is how many events a watcher can be behind: at a hundred new flows a second, each with
// four revisions, ten seconds.
const logSize = 1 << 12

// A log has the newest events. They are numbered from 1.
type log struct {
	entries []entry // a ring
	last    uint64  // number of the newest one
	live    uint64  // sum of what all events count
	gone    gone
}

// An entry is an event.
type entry struct {
	about  *subject
	counts uint64 // what is lost with it; 0 if it comes again in any case
	live   uint64 // sum of the counts up to this one
	gone   uint64 // flows that were gone before it
}

// add adds an event. counts is as in entry.
func (l *log) add(about *subject, counts uint64) {
	l.last++
	l.live += counts
	about.number = l.last
	l.entries[l.last%l.size()] = entry{about, counts, l.live, l.gone.count}
}

// first is the number of the oldest event that is there.
func (l *log) first() uint64 {
	if l.last < l.size() {
		return 1
	}
	return l.last - l.size() + 1
}

func (l *log) size() uint64 { return uint64(len(l.entries)) }

// has reports whether all events after one are there.
func (l *log) has(after uint64) bool { return after != 0 && after <= l.last && after+1 >= l.first() }

func (l *log) at(number uint64) entry { return l.entries[number%l.size()] }

// maxGone is how many flows that are gone are remembered. A watcher that is further behind has to
// begin again.
const maxGone = 1 << 16

// gone has the flows that were published and are gone, in that order.
type gone struct {
	ids   []flow.ID // the newest ones
	count uint64    // of all
}

func (g *gone) add(id flow.ID) {
	g.ids = append(g.ids, id)
	g.count++
	if len(g.ids) > 2*maxGone {
		g.ids = append(g.ids[:0], g.ids[maxGone:]...)
	}
}

// since returns the flows after the first n that are gone; ok is false if some aren't known any more.
func (g *gone) since(n uint64) (ids []flow.ID, ok bool) {
	behind := g.count - n
	if behind > uint64(len(g.ids)) {
		return nil, false
	}
	return g.ids[uint64(len(g.ids))-behind:], true
}

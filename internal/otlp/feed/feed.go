// Package feed chooses what a collector gets of a run or of a file, redacts it with the privacy profile fleet,
// and gives it to a [send.Sender]: a [Live] follows a run, [File] reads a file.
package feed

import (
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
	"detour/internal/otlp"
	"detour/internal/otlp/send"
)

// A Redactor redacts what is sent. Its methods may be called concurrently, and don't write to what they get.
type Redactor interface {
	Flow(f *flow.Flow) *flow.Flow
	Text(text string) string
}

// A feed sends the records of one run. One goroutine uses it.
type feed struct {
	to       *send.Sender
	encoder  *otlp.Encoder
	redact   Redactor
	choice   Choice
	meanings map[string]string // of the codes of findings
	room     func()            // waits until there is room for a record; nil: a run doesn't wait

	steps     []flow.Step // by time
	summaries otlp.Summaries
	sent      recent // flows
	made      recent // connections
	findings  findings
}

// flow sends what is chosen of a flow that is final: news of one that was sent isn't.
func (d *feed) flow(f *flow.Flow) {
	if !f.Final() || !d.sent.add(f.ID) {
		return
	}
	if d.choice != All && ending.Concerns(f) {
		d.summaries.Add(f, func(f *flow.Flow) *flow.Flow { return d.redact.Flow(bare(f)) })
	}
	if !d.choice.has(f) {
		return
	}
	f = bare(f)
	step := d.step(f.Times.Start)
	d.to.Log(func() []byte { return d.encoder.Flow(d.redact.Flow(f), d.redact.Text(step)) })
	if d.to.Traces() {
		d.to.Span(func() []byte { return d.encoder.Request(d.redact.Flow(f), d.redact.Text(step)) })
		d.connections(f)
	}
}

// bare returns a flow without what isn't sent: less waits in the queue.
func bare(f *flow.Flow) *flow.Flow {
	if f.BodyBytes() == 0 && len(f.Request.Headers) == 0 && (f.Response == nil || len(f.Response.Headers) == 0) {
		return f
	}
	x := *f
	x.DropBodies()
	x.DropHeaders()
	return &x
}

// connections sends the spans of the connections that a flow began or used, each once.
func (d *feed) connections(f *flow.Flow) {
	var first []*flow.Conn
	for i := -1; i < len(f.Unused); i++ {
		c := f.Conn
		if i >= 0 {
			c = f.Unused[i]
		}
		if c != nil && (c.ID == 0 || d.made.add(c.ID)) {
			first = append(first, c)
		}
	}
	for _, c := range first {
		one := *f
		one.Conn, one.Unused = c, nil
		strict := d.redact.Flow(&one)
		for _, span := range d.encoder.Connection(strict, strict.Conn) {
			d.to.Span(func() []byte { return span })
		}
	}
}

// step is what the user was doing at an instant; "" if that isn't known.
func (d *feed) step(at time.Time) (text string) {
	for _, s := range d.steps {
		if s.At.After(at) {
			break
		}
		text = s.Text
	}
	return text
}

// sum sends summaries.
func (d *feed) sum(all []*otlp.Summary) {
	for _, s := range all {
		if d.room != nil {
			d.room()
		}
		d.to.Log(func() []byte { return d.encoder.Summary(s) })
	}
}

// A recent remembers the newest IDs. The zero value is empty.
type recent struct{ ids []flow.ID } // each at its place: one that is newer by maxRecent takes it

// maxRecent is how many IDs are remembered: more than a store has flows.
const maxRecent = 1 << 14

// add reports whether an ID is new.
func (r *recent) add(id flow.ID) bool {
	if r.ids == nil {
		r.ids = make([]flow.ID, maxRecent)
	}
	at := &r.ids[id%maxRecent]
	if *at == id {
		return false
	}
	*at = id
	return true
}

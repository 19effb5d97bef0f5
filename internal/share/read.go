package share

import (
	"context"
	"io"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// Version rises with every change of Flows and Capture, while somebody watches.
func (f *Feed) Version() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.version
}

// Wait returns the Version when it isn't seen any more, io.EOF at the end of the Feed, or the error
// of ctx.
func (f *Feed) Wait(ctx context.Context, seen uint64) (uint64, error) {
	for {
		f.mu.Lock()
		version, over, changed := f.version, f.over() && f.running == nil, f.changed
		f.mu.Unlock()
		switch {
		case version != seen:
			return version, nil
		case over:
			return version, io.EOF
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return version, ctx.Err()
		}
	}
}

// Flows returns what was published of the flows, by ID, redacted. Finished ones lack their header
// fields and bodies. A changed flow has another pointer. The slice must not be written to.
func (f *Feed) Flows() []*flow.Flow {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.strict == nil || f.strictAt != f.version {
		f.strict, f.strictAt = make([]*flow.Flow, 0, len(f.items)), f.version
		for _, it := range f.items {
			if x := it.subject.flow; x != nil {
				f.strict = append(f.strict, x)
			}
		}
	}
	return f.strict
}

// Get returns a flow with its header fields and bodies, redacted; nil if it isn't there any more.
func (f *Feed) Get(id flow.ID) *flow.Flow {
	whole := f.cfg.Source.Get(id)
	if whole == nil {
		return nil
	}
	x := f.cfg.Strict.Flow(whole)
	f.learnNames()
	return x
}

// Capture has the Flows, the findings, the steps and the checks, redacted. Its slices must not be
// written to.
func (f *Feed) Capture() flow.Capture {
	flows := f.Flows()
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.capture
	c.Flows = flows
	return c
}

// Names are what stand-ins are called, for texts and for filters that watchers type: what a name
// stands for is the stand-in (alias.Table.Originals, ui/mask.StandIns).
func (f *Feed) Names() *alias.Table { return &f.names }

// learnNames gives Names what is new.
func (f *Feed) learnNames() {
	f.mu.Lock()
	defer f.mu.Unlock()
	names, n := f.cfg.Strict.Names(f.standIns)
	for _, x := range names {
		f.names.Take(x.StandIn, x.Name)
	}
	f.named, f.standIns = append(f.named, names...), n
}

// record encodes a flow.
func (f *Feed) record(x *flow.Flow) []byte {
	r := x.Record()
	r.Simulated = f.cfg.Simulated
	return encode(r)
}

// home matches a user's directory on Linux, macOS and Windows. The first group stays.
var home = lazyregexp.New(`(/home/|/Users/|[A-Za-z]:\\Users\\)[^/\\\s"']+`)

// withoutHomes returns a text without the names of users' directories.
func withoutHomes(s string) string { return home.ReplaceAllString(s, "${1}…") }

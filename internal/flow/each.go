package flow

import (
	"cmp"
	"iter"
	"slices"
)

// Flows are flows by ID that may be read from a file each time they are iterated over. With an error,
// which ends them, there is no flow. Whoever iterates may keep a flow.
type Flows = iter.Seq2[*Flow, error]

// A Reader reads the flows of a capture: in memory, or in a file that is read whenever they are needed.
type Reader interface {
	Flows() Flows
	Bodiless() Flows // the same, maybe without bodies and header fields
	// Some reads those with these IDs, in their order; if whole is false, maybe without bodies and header fields.
	Some(ids []ID, whole bool) Flows
}

// Each returns the capture's flows.
func (c *Capture) Each() Flows {
	return func(yield func(*Flow, error) bool) {
		for _, f := range c.Flows {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// Reader returns a Reader of the flows that the capture has itself.
func (c *Capture) Reader() Reader { return held{c} }

// A held is the flows of a capture that it has itself.
type held struct{ c *Capture }

func (h held) Flows() Flows    { return h.c.Each() }
func (h held) Bodiless() Flows { return h.c.Each() }

func (h held) Some(ids []ID, _ bool) Flows {
	return func(yield func(*Flow, error) bool) {
		for _, id := range ids {
			i, found := slices.BinarySearchFunc(h.c.Flows, id, func(f *Flow, id ID) int { return cmp.Compare(f.ID, id) })
			if found && !yield(h.c.Flows[i], nil) {
				return
			}
		}
	}
}

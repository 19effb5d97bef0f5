package remote

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/share"
)

// Limits of what is kept, whatever the host sends.
const (
	maxFlows = 20_000
	maxBytes = 256 << 20 // of the records of all flows
	maxSteps = 10_000
)

// A mirror has what a host has sent. Its methods may be called concurrently.
type mirror struct {
	received intake.Received
	names    *alias.Table // of stand-ins, as on the host's screen
	now      func() time.Time
	version  atomic.Uint64

	mu       sync.Mutex
	hello    share.Hello
	state    share.State
	flows    []held // by ID
	size     int    // of the flows' records, in bytes
	findings []flow.Finding
	steps    []flow.Step
	checks   []*flow.Check
	cursor   flow.ID
	last     uint64 // the number of the last event: where the stream goes on

	lost, unread, dropped int // events that the host left out, or that can't be read; flows that made room
	contact
}

// held is a flow, and how long its record was.
type held struct {
	*flow.Flow
	size int
}

func newMirror(names *alias.Table, now func() time.Time) *mirror {
	return &mirror{received: intake.NewReceived(), names: names, now: now}
}

// change changes the content under the lock.
func (m *mirror) change(do func()) {
	m.mu.Lock()
	do()
	m.mu.Unlock()
	m.version.Add(1)
}

// Version increases with every change, also of the facts.
func (m *mirror) Version() uint64 { return m.version.Load() }

// Flows returns all flows by ascending ID, with their header fields and bodies.
func (m *mirror) Flows() []*flow.Flow {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]*flow.Flow, len(m.flows))
	for i, f := range m.flows {
		out[i] = f.Flow
	}
	return out
}

// Findings returns the host's findings.
func (m *mirror) Findings() []flow.Finding {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.findings
}

// Steps returns the host's steps, by time.
func (m *mirror) Steps() []flow.Step {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.steps
}

// Checks returns the host's checks, by ID.
func (m *mirror) Checks() []*flow.Check {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.checks
}

// Cursor is the flow that the host looks at; 0: none, or it isn't known.
func (m *mirror) Cursor() flow.ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursor
}

// Get returns a flow; nil if it isn't there.
func (m *mirror) Get(id flow.ID) *flow.Flow {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, ok := m.find(id); ok {
		return m.flows[at].Flow
	}
	return nil
}

func (m *mirror) find(id flow.ID) (at int, ok bool) {
	if n := len(m.flows); n == 0 || m.flows[n-1].ID < id { // they come almost in order
		return n, false
	}
	return slices.BinarySearchFunc(m.flows, id, func(f held, id flow.ID) int { return cmp.Compare(f.ID, id) })
}

// put adds a flow, or replaces an earlier revision of it. The oldest flows make room.
func (m *mirror) put(f held) {
	at, known := m.find(f.ID)
	switch {
	case known && m.flows[at].Rev > f.Rev:
		return
	case known:
		m.size -= m.flows[at].size
		m.flows[at] = f
	default:
		m.flows = slices.Insert(m.flows, at, f)
	}
	m.size += f.size
	n := 0
	for ; len(m.flows)-n > maxFlows || m.size > maxBytes && len(m.flows)-n > 1; n++ {
		m.size -= m.flows[n].size
	}
	m.dropped += n
	m.flows = slices.Delete(m.flows, 0, n)
}

// remove removes flows.
func (m *mirror) remove(ids []flow.ID) {
	gone := make(map[flow.ID]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
	}
	m.flows = slices.DeleteFunc(m.flows, func(f held) bool {
		if gone[f.ID] {
			m.size -= f.size
		}
		return gone[f.ID]
	})
}

// forget forgets everything that the stream sends again.
func (m *mirror) forget() {
	m.flows, m.size, m.findings, m.steps, m.checks, m.cursor, m.last = nil, 0, nil, nil, nil, 0, 0
	m.dropped = 0
}

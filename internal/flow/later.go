package flow

import (
	"net/netip"
	"time"
)

// MaxLater is how many of the latest connects a flow has in Later.
const MaxLater = 16

// A Later is one connect to an address of a flow's host that was made for knowledge alone,
// after the flow's own connection. What the flow's connection records stays as it is.
type Later struct {
	Kind LaterKind
	At   time.Time // when it began
	Addr netip.AddrPort
	// Outcome is how it ended: DialTimeout after Took without a response, DialCanceled if the
	// run ended first. There may be a later entry of the same kind and instant that says more.
	Outcome DialOutcome
	Took    time.Duration
	Err     string // the system's error, or what came of the connection; "" if it connected
}

// A LaterKind says why a connect was made.
type LaterKind string

// The kinds. The set is closed.
const (
	LaterLoser LaterKind = "loser"  // the address had lost a race, and was tried alone
	LaterProbe LaterKind = "probe"  // the user probed the host again
	LaterOther LaterKind = "public" // the user tried addresses of the reference resolver
)

// Attempt returns it as a dial attempt.
func (l Later) Attempt() DialAttempt {
	return DialAttempt{Addr: l.Addr, Outcome: l.Outcome, Start: l.At, Took: l.Took, Err: l.Err}
}

// LaterOf returns the last entry of that kind for an address; false if there is none.
func (f *Flow) LaterOf(kind LaterKind, a netip.AddrPort) (last Later, known bool) {
	for _, l := range f.Later {
		if l.Kind == kind && l.Addr == a {
			last, known = l, true
		}
	}
	return last, known
}

// AddLater adds an entry to Later, which may be published: it gets a new slice.
func (f *Flow) AddLater(l Later) {
	out := append(append([]Later(nil), f.Later...), l)
	f.Later = out[max(0, len(out)-MaxLater):]
}

// RecordLater is one of the record's "later".
type RecordLater struct {
	Kind    LaterKind   `json:"kind"`
	Time    time.Time   `json:"time"`
	Address string      `json:"address"`
	Outcome DialOutcome `json:"outcome"`
	MS      float64     `json:"ms"`
	Message string      `json:"message,omitempty"`
}

func recordLater(all []Later) (out []RecordLater) {
	for _, l := range all {
		out = append(out, RecordLater{l.Kind, l.At.UTC(), l.Addr.String(), l.Outcome, MS(l.Took), l.Err})
	}
	return out
}

func laterOf(all []RecordLater) (out []Later) {
	for _, r := range all {
		l := Later{Kind: r.Kind, At: r.Time, Outcome: r.Outcome, Took: milliseconds(r.MS), Err: r.Message}
		l.Addr, _ = netip.ParseAddrPort(r.Address) // "invalid AddrPort" if it isn't known
		out = append(out, l)
	}
	return out
}

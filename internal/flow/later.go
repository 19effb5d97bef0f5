package flow

import (
	"net/netip"
	"slices"
	"time"
)

// MaxLater is how many entries a flow has in Later.
const MaxLater = 16

// A Later is one test of the flow's host that was made for knowledge alone, after the flow's
// own connection: a connect to an address, or a lookup that returned none. What the flow's
// connection records stays as it is.
type Later struct {
	Kind LaterKind
	At   time.Time // when it began
	// Addr is the address; invalid if DNS returned none, or if an upstream proxy chooses it.
	Addr netip.AddrPort
	// Outcome is how the connect ended: DialTimeout after Took without a response, DialCanceled
	// if the run ended first; "" if there was none. There may be a later entry of the same kind
	// and instant that says more.
	Outcome DialOutcome
	Took    time.Duration // of the connect or the lookup
	// DNS is how the lookup ended that returned no address; "" if there is one.
	DNS DNSOutcome
	// Stage is where the test failed; "" if it didn't, or if only a connect was tried. It is
	// StageTLS or StageWait if the connect succeeded and what follows it didn't.
	Stage  Stage
	Status int    // of the response to a request without credentials; 0: there was none
	Via    string // the upstream proxy that the test went through; "": none
	// InRow is how many tries in a row ended like this one, up to it; of a LaterWatch, else 0.
	InRow int
	Err   string // the system's error, or what came of the connection; "" if it connected
}

// A LaterKind says why a test was made.
type LaterKind string

// The kinds. The set is closed.
const (
	LaterLoser LaterKind = "loser"  // the address had lost a race, and was tried alone
	LaterProbe LaterKind = "probe"  // the user probed the host again
	LaterOther LaterKind = "public" // the user tried addresses of the reference resolver
	LaterWatch LaterKind = "watch"  // the host was watched: its first failure, first answer, last answer
)

// Answered reports whether everything that was tested worked: the connect and, except of a
// loser and of an address of the reference resolver, the TLS handshake and a request.
func (l Later) Answered() bool {
	return l.Outcome == DialConnected && l.Stage == "" && l.Err == ""
}

// End is when the connect or the lookup ended. One that is answered may have waited for that.
func (l Later) End() time.Time { return l.At.Add(l.Took) }

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

// AddLater adds entries to Later, which may be published: it gets a new slice. If they become
// too many, entries go that have a newer one of their kind and address, the oldest first; then
// the oldest of all.
func (f *Flow) AddLater(all ...Later) {
	out := slices.Concat(f.Later, all)
	for len(out) > MaxLater {
		gone := max(0, slices.IndexFunc(out, func(l Later) bool { return superseded(out, l) }))
		out = slices.Delete(out, gone, gone+1)
	}
	f.Later = out
}

// superseded reports whether there is a newer entry of the same kind and address.
func superseded(all []Later, l Later) bool {
	return slices.ContainsFunc(all, func(x Later) bool { return x.Kind == l.Kind && x.Addr == l.Addr && x.At.After(l.At) })
}

// RecordLater is one of the record's "later".
type RecordLater struct {
	Kind    LaterKind   `json:"kind"`
	Time    time.Time   `json:"time"`
	Address string      `json:"address,omitempty"`
	Outcome DialOutcome `json:"outcome,omitempty"`
	MS      float64     `json:"ms"`
	DNS     DNSOutcome  `json:"dns,omitempty"`
	Stage   Stage       `json:"failed_at,omitempty"`
	Status  int         `json:"status,omitempty"`
	Via     string      `json:"upstream_proxy,omitempty"`
	InRow   int         `json:"in_row,omitempty"`
	Message string      `json:"message,omitempty"`
}

// Record converts the entry to its stable form.
func (l Later) Record() RecordLater {
	r := RecordLater{l.Kind, l.At.UTC(), "", l.Outcome, MS(l.Took), l.DNS, l.Stage, l.Status, l.Via, l.InRow, l.Err}
	if l.Addr.IsValid() {
		r.Address = l.Addr.String()
	}
	return r
}

// later is the inverse of Record.
func (r RecordLater) later() Later {
	l := Later{
		Kind: r.Kind, At: r.Time, Outcome: r.Outcome, Took: milliseconds(r.MS), DNS: r.DNS, Stage: r.Stage, Status: r.Status,
		Via: r.Via, InRow: r.InRow, Err: r.Message,
	}
	l.Addr, _ = netip.ParseAddrPort(r.Address) // invalid if there is none
	return l
}

func recordLater(all []Later) (out []RecordLater) {
	for _, l := range all {
		out = append(out, l.Record())
	}
	return out
}

func laterOf(all []RecordLater) (out []Later) {
	for _, r := range all {
		out = append(out, r.later())
	}
	return out
}

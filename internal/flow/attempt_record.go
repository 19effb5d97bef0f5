package flow

import "time"

// RecordAttempt is one dial attempt.
type RecordAttempt struct {
	Address        string        `json:"address"`
	Outcome        DialOutcome   `json:"outcome"`
	AtMS           *float64      `json:"at_ms,omitempty"`
	MS             float64       `json:"ms"`
	Local          string        `json:"local,omitempty"`
	Interface      string        `json:"interface,omitempty"`
	Kind           InterfaceKind `json:"interface_kind,omitempty"`
	SYNs           int           `json:"syns,omitempty"` // SYNRetransmits and the first one; only written
	SYNRetransmits *int          `json:"syn_retransmits,omitempty"`
	State          string        `json:"tcp_state,omitempty"` // SYN-SENT, ESTABLISHED
	RTT            float64       `json:"tcp_rtt_ms,omitempty"`
	Message        string        `json:"message,omitempty"`
	Shortage       Shortage      `json:"shortage,omitempty"` // this machine had run out of it
}

// recordAttempts returns nil if there are none.
func recordAttempts(all []DialAttempt, began time.Time) (out []RecordAttempt) {
	for _, a := range all {
		ra := RecordAttempt{
			Address: a.Addr.String(), Outcome: a.Outcome, AtMS: since(began, a.Start), MS: MS(a.Took),
			Interface: a.Interface, Kind: a.Kind, Message: a.Err, Shortage: a.Shortage,
		}
		if a.Local.IsValid() {
			ra.Local = a.Local.String()
		}
		if a.Kernel != nil {
			ra.SYNs = a.SYNs()
			ra.SYNRetransmits, ra.State, ra.RTT = &a.Kernel.SYNRetransmits, a.Kernel.State, MS(a.Kernel.RTT)
		}
		out = append(out, ra)
	}
	return out
}

package flow

import (
	"net/netip"
	"time"
)

// A DialOutcome is the result of one TCP connect.
type DialOutcome string

// The outcomes of a dial attempt. DialPending is the only one that can change.
const (
	DialPending     DialOutcome = ""            // no response to the SYN yet
	DialConnected   DialOutcome = "connected"   // and used
	DialRefused     DialOutcome = "refused"     // RST in response to the SYN
	DialTimeout     DialOutcome = "timeout"     // no response until detour or the kernel gave up
	DialUnreachable DialOutcome = "unreachable" // no route, or an ICMP unreachable or prohibited
	DialReset       DialOutcome = "reset"       // accepted, then reset before use
	DialLost        DialOutcome = "lost"        // another attempt won the race
	DialCanceled    DialOutcome = "canceled"    // the client canceled
	DialError       DialOutcome = "error"       // anything else; Err has it
)

// Word is an outcome as every screen writes it: "ok", "connecting", "TIMEOUT". Failures are in
// capitals.
func (o DialOutcome) Word() string {
	switch o {
	case DialPending:
		return "connecting"
	case DialConnected:
		return "ok"
	case DialRefused:
		return "RST"
	case DialTimeout:
		return "TIMEOUT"
	case DialUnreachable:
		return "UNREACH"
	case DialReset:
		return "RESET"
	case DialError:
		return "ERROR"
	case DialLost, DialCanceled:
		return string(o)
	}
	return string(o)
}

// A DialAttempt is one TCP connect to one address.
type DialAttempt struct {
	Addr      netip.AddrPort
	Outcome   DialOutcome
	Start     time.Time
	Took      time.Duration  // 0 while pending
	Local     netip.AddrPort // the local end; invalid if it isn't known
	Interface string         // the network interface of Local; "" if unknown
	Kind      InterfaceKind  // of the interface
	Kernel    *KernelTCP     // nil where the system doesn't report it
	Err       string         // the system's error; "" if connected
	Shortage  Shortage       // why it failed, if something of this machine had run out
}

// Elapsed returns the duration of the attempt, until now if it is pending.
func (a DialAttempt) Elapsed(now time.Time) time.Duration {
	if a.Outcome == DialPending {
		return max(0, now.Sub(a.Start))
	}
	return a.Took
}

// SYNs returns how many SYNs the attempt has sent; 0 if the kernel doesn't report it.
func (a DialAttempt) SYNs() int {
	if a.Kernel == nil {
		return 0
	}
	return a.Kernel.SYNRetransmits + 1
}

// Unanswered reports whether there was no response from the address: neither an accept nor a
// reset nor an ICMP error. An attempt that detour ended (lost, canceled) counts only if it
// had waited at least patience.
func (a DialAttempt) Unanswered(now time.Time, patience time.Duration) bool {
	switch a.Outcome {
	case DialTimeout:
		return true
	case DialPending, DialLost, DialCanceled:
		return a.Elapsed(now) >= patience
	case DialConnected, DialRefused, DialUnreachable, DialReset, DialError:
		return false
	}
	return false
}

// An InterfaceKind is the kind of a network interface; "" if unknown.
type InterfaceKind string

// The kinds of interfaces.
const (
	KindLoopback InterfaceKind = "loopback"
	KindEthernet InterfaceKind = "ethernet"
	KindWiFi     InterfaceKind = "wi-fi"
	KindTunnel   InterfaceKind = "tunnel"  // a VPN's
	KindVirtual  InterfaceKind = "virtual" // of a bridge or a container
)

// KernelTCP is what the kernel reports about a connect (TCP_INFO on Linux, SIO_TCP_INFO on Windows).
type KernelTCP struct {
	SYNRetransmits int           // SYNs after the first
	State          string        // "SYN-SENT", "ESTABLISHED", as in ss(8); "" if unknown
	RTT            time.Duration // smoothed by the kernel; 0 until there was an answer
}

package watch

import (
	"net"
	"net/netip"
	"strconv"
	"time"

	"detour/internal/flow"
)

// An EventKind says what is new.
type EventKind string

// The kinds. The set is closed.
const (
	DNS     EventKind = "dns"     // the first answer of DNS, or another one than before
	Joined  EventKind = "joined"  // DNS returns another address
	Left    EventKind = "left"    // DNS doesn't return an address any more
	Failed  EventKind = "failed"  // the first try of an address that wasn't answered
	Flapped EventKind = "flapped" // a try wasn't answered after one that was
	Answers EventKind = "answers" // the first answered try, or the first since one that wasn't
	Steady  EventKind = "steady"  // the last of the answered tries in a row that are enough
	Ended   EventKind = "ended"   // the watch: see Check
)

// An Event is something new about a host or one of its addresses.
type Event struct {
	At     time.Time
	Kind   EventKind
	Host   string         // host:port; "" of Ended
	Addr   netip.AddrPort // invalid if it isn't about one, or an upstream proxy chooses it
	Later  flow.Later     // the try, or the lookup that returned no address; its Kind is "" if there is none
	Tries  int            // of the address, so far; of a try
	Answer *flow.CheckAnswer
	Before *flow.CheckAnswer // the answer before Answer; nil if that is the first
}

// split returns the name and the port of a host:port.
func split(authority string) (name string, port uint16) {
	name, s, _ := net.SplitHostPort(authority)
	n, _ := strconv.ParseUint(s, 10, 16)
	return name, uint16(n)
}

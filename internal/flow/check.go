package flow

import (
	"net/netip"
	"time"
)

// A Check is a test of hosts that had failed: once, or again and again until they answer. It
// shows that a problem is still there, or since when it is gone, and is the proof of a ticket's
// end. Its newest results are also in the Later of a flow of each host; a Check also has hosts
// without a flow, and the results that Later has no room for. A published Check doesn't change:
// while the test goes on, a newer one with its ID replaces it.
type Check struct {
	ID   int // counts from 1 in a capture
	Kind CheckKind
	// Codes are those of the findings whose hosts are tested; nil if the hosts were chosen.
	Codes   []string
	Began   time.Time
	Ended   time.Time // zero while it goes on; of a capture, also if detour was killed
	Outcome CheckOutcome
	Hosts   []HostCheck // in the order in which they were given
}

// A CheckKind says how often hosts are tested.
type CheckKind string

// The kinds. The set is closed.
const (
	CheckOnce  CheckKind = "once"  // each address once
	CheckWatch CheckKind = "watch" // until each address has answered several times in a row
)

// A CheckOutcome is how a check ended.
type CheckOutcome string

// The outcomes. The set is closed.
const (
	CheckPending  CheckOutcome = ""         // it goes on
	CheckWorks    CheckOutcome = "works"    // every address answers: CheckOnce once, CheckWatch several times in a row
	CheckFails    CheckOutcome = "fails"    // CheckOnce: an address doesn't answer, or there is none
	CheckDeadline CheckOutcome = "deadline" // CheckWatch: not every address did in time
	CheckStopped  CheckOutcome = "stopped"  // the user ended it first
)

// A HostCheck is what a check found out about one host.
type HostCheck struct {
	Authority string // host:port
	Flow      ID     // the flow whose Later has the results; 0: none
	// DNS has the distinct answers in the order in which they came: the first one, and the
	// latest of the others. It is empty if an upstream proxy resolves the name, or the host is
	// an address.
	DNS []CheckAnswer
	// Addresses are those that DNS returned, in the order in which they came. Through an
	// upstream proxy there is one, whose address is invalid.
	Addresses []AddressCheck
	Works     bool      // every address that isn't Gone answers, as Outcome CheckWorks says it
	Since     time.Time // since when they all do: the end of the first of the tries in a row; zero unless Works
}

// A CheckAnswer is an answer of DNS that differs from the one before it.
type CheckAnswer struct {
	At      time.Time
	Outcome DNSOutcome
	Addrs   []netip.Addr // sorted
	Err     string
}

// An AddressCheck is what a check found out about one address.
type AddressCheck struct {
	Last     Later // the newest try
	Tries    int
	Answered int       // how many of them were answered
	InRow    int       // how many of the newest ones were
	Flaps    int       // how often an unanswered try came after an answered one
	Failed   time.Time // the end of the first try that wasn't answered; zero: none
	Since    time.Time // that of the first of the newest answered ones in a row; zero: the newest wasn't
	Gone     bool      // DNS doesn't return it any more
}

// Count counts the addresses that DNS returned last, and how many of them answered at the
// newest try.
func (h *HostCheck) Count() (answer, all int) {
	for _, a := range h.Addresses {
		if a.Gone {
			continue
		}
		all++
		if a.InRow > 0 {
			answer++
		}
	}
	return answer, all
}

// Count counts the addresses of all hosts as [HostCheck.Count] does.
func (c *Check) Count() (answer, all int) {
	for i := range c.Hosts {
		some, of := c.Hosts[i].Count()
		answer, all = answer+some, all+of
	}
	return answer, all
}

// Tries counts the tries of all addresses.
func (c *Check) Tries() (n int) {
	for _, h := range c.Hosts {
		for _, a := range h.Addresses {
			n += a.Tries
		}
	}
	return n
}

// Flaps counts how often addresses failed after they had answered.
func (c *Check) Flaps() (n int) {
	for _, h := range c.Hosts {
		for _, a := range h.Addresses {
			n += a.Flaps
		}
	}
	return n
}

// Since returns since when every address of every host answers; zero unless all do.
func (c *Check) Since() (since time.Time) {
	for _, h := range c.Hosts {
		if !h.Works {
			return time.Time{}
		}
		if h.Since.After(since) {
			since = h.Since
		}
	}
	return since
}

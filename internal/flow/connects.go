package flow

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"detour/internal/wording"
)

// Connects are attempts to connect with the same outcome, summed up. Every screen, finding and
// report that says how long a host didn't respond, at how many addresses and to how many SYNs,
// has these figures.
type Connects struct {
	Outcome   DialOutcome
	Attempts  int
	Addresses int           // different ones among those that are known
	Longest   time.Duration // of the longest attempt; until now if it is pending
	// SYNs and MostSYNs are the least and the most SYNs that one attempt sent; 0 unless the
	// kernel reported it for each of them.
	SYNs, MostSYNs int
}

// Connects sums up the attempts that the flow made itself, the most frequent outcome first:
// one that connected precedes all others. It is empty if the flow made none, or used a
// connection of an earlier flow.
func (f *Flow) Connects(now time.Time) []Connects {
	if f.Conn == nil || f.Reused {
		return nil
	}
	return SumConnects(f.Conn.Attempts, now)
}

// SumConnects sums up attempts by their outcome, as [Flow.Connects] does.
func SumConnects(attempts []DialAttempt, now time.Time) []Connects {
	var order []DialOutcome
	by := make(map[DialOutcome][]DialAttempt)
	for _, a := range attempts {
		if by[a.Outcome] == nil {
			order = append(order, a.Outcome)
		}
		by[a.Outcome] = append(by[a.Outcome], a)
	}
	var out []Connects
	for _, o := range order {
		c := AllConnects(by[o], now)
		c.Outcome = o
		out = append(out, c)
	}
	rank := func(c Connects) int {
		if c.Outcome == DialConnected {
			return math.MaxInt
		}
		return c.Attempts
	}
	slices.SortStableFunc(out, func(a, b Connects) int { return cmp.Compare(rank(b), rank(a)) })
	return out
}

// AllConnects sums up attempts whatever their outcome, which the sum doesn't have.
func AllConnects(attempts []DialAttempt, now time.Time) Connects {
	c := Connects{Attempts: len(attempts)}
	addrs := make(map[netip.AddrPort]bool)
	known := true
	for _, a := range attempts {
		if a.Addr.IsValid() {
			addrs[a.Addr] = true
		}
		c.Longest = max(c.Longest, a.Elapsed(now))
		n := a.SYNs()
		known = known && n > 0
		c.MostSYNs = max(c.MostSYNs, n)
		if c.SYNs == 0 || n < c.SYNs {
			c.SYNs = n
		}
	}
	c.Addresses = len(addrs)
	if !known {
		c.SYNs, c.MostSYNs = 0, 0
	}
	return c
}

// String writes "TIMEOUT 5.0 s, 2 addresses · 3 SYNs each".
func (c Connects) String() string {
	s := c.Brief()
	if where := c.Where(); where != "" {
		s += ", " + where
	}
	if n := c.SYNText(); n != "" {
		s += " · " + n
	}
	return s
}

// Brief is the outcome and how long it took: "TIMEOUT 5.0 s", "connecting 12 s".
func (c Connects) Brief() string {
	switch {
	case c.Outcome == DialPending:
		return c.Outcome.Word() + " " + wording.Running(c.Longest)
	case c.Longest < leastConnect:
		return c.Outcome.Word()
	}
	return c.Outcome.Word() + " " + wording.Duration(c.Longest)
}

// leastConnect is the shortest duration of a connect that is written. Browsers that didn't
// measure one write about 0.
const leastConnect = 50 * time.Microsecond

// Where says how many addresses were tried, and how often if one was tried again:
// "2 addresses". It is "" for one attempt.
func (c Connects) Where() string {
	switch {
	case c.Attempts < 2:
		return ""
	case c.Addresses == 0:
		return wording.Count(c.Attempts, "attempt")
	case c.Attempts > c.Addresses:
		return wording.Count(c.Addresses, "address") + ", " + wording.Count(c.Attempts, "attempt")
	}
	return wording.Count(c.Addresses, "address")
}

// SYNText says how many SYNs an attempt sent: "3 SYNs", "3 SYNs each", "2–4 SYNs each". It is
// "" if that isn't known, or if they were answered.
func (c Connects) SYNText() string {
	if c.SYNs == 0 || !c.silent() {
		return ""
	}
	s := strconv.Itoa(c.SYNs)
	if c.MostSYNs > c.SYNs {
		s += "–" + strconv.Itoa(c.MostSYNs)
	}
	s += " " + wording.Plural(c.MostSYNs, "SYN")
	if c.Attempts > 1 {
		s += " each"
	}
	return s
}

// silent reports whether the SYNs went unanswered.
func (c Connects) silent() bool {
	switch c.Outcome {
	case DialTimeout, DialPending, DialLost, DialCanceled:
		return true
	case DialConnected, DialRefused, DialUnreachable, DialReset, DialError:
	}
	return false
}

// ConnectsText writes sums one after the other: "ok 12 ms; RST 3.0 ms".
func ConnectsText(sums []Connects) string {
	var out []string
	for _, c := range sums {
		out = append(out, c.String())
	}
	return strings.Join(out, "; ")
}

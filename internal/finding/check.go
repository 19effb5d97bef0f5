package finding

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// The heads of a check's section.
const (
	HeadFixed = "Shown to be fixed" // every address answers
	HeadCheck = "Tested again"
)

// A Clock writes an instant.
type Clock func(time.Time) string

// CheckResult says on one line what a check found out so far: "still 0 of 4 addresses answer",
// "answers since 21:18:25, 4 of 4 addresses". The text isn't escaped.
func CheckResult(c *flow.Check, clock Clock) string {
	answer, all := c.Count()
	some := fmt.Sprintf("%d of %s", answer, wording.Count(all, "address"))
	if all == 0 {
		some = "no address to connect to"
		if why := noAddress(c); why != "" {
			some += " (DNS: " + why + ")"
		}
	} else if answer < all {
		some += " " + answers(answer)
	}
	took := wording.Running(c.Ended.Sub(c.Began))
	switch c.Outcome {
	case flow.CheckWorks:
		return "answers since " + clock(c.Since()) + ", " + some
	case flow.CheckDeadline:
		return "not fixed after " + took + ": " + some
	case flow.CheckStopped:
		return "stopped after " + took + ": " + some
	case flow.CheckFails:
		if answer == 0 && all > 0 {
			return "still " + some
		}
		return some
	case flow.CheckPending:
	}
	switch row := inRow(c); {
	case len(c.Hosts) == 0 || c.Tries() == 0 && all == 0 && noAddress(c) == "":
		return "begins"
	case row > 0:
		return some + fmt.Sprintf(", %d in a row", row)
	}
	return some
}

func answers(n int) string {
	if n == 1 {
		return "answers"
	}
	return "answer"
}

// noAddress is how the first lookup that returned no address ended; "" if there was none.
func noAddress(c *flow.Check) string {
	for _, h := range c.Hosts {
		if n := len(h.DNS); n > 0 && len(h.DNS[n-1].Addrs) == 0 {
			return string(h.DNS[n-1].Outcome)
		}
	}
	return ""
}

// inRow is the least number of tries in a row that an address answered, if all addresses answer.
func inRow(c *flow.Check) int {
	row := -1
	for _, h := range c.Hosts {
		for _, a := range h.Addresses {
			if !a.Gone && (row < 0 || a.InRow < row) {
				row = a.InRow
			}
		}
	}
	return row
}

// CheckSection is what a check found out, in full. The text isn't escaped.
func CheckSection(c *flow.Check, clock Clock) Section {
	s := Section{Head: HeadCheck}
	if c.Outcome == flow.CheckWorks {
		s.Head = HeadFixed
	}
	add := func(format string, args ...any) { s.Lines = append(s.Lines, Line{Text: fmt.Sprintf(format, args...)}) }
	end := c.Ended
	if end.IsZero() {
		end = c.Began
	}
	add("%s: %s, %s to %s", CheckResult(c, clock), wording.Count(c.Tries(), "try"), clock(c.Began), clock(end))
	if n := c.Flaps(); n > 0 {
		add("failed again after an answer %s", times(n))
	}
	for i := range c.Hosts {
		s.Lines = append(s.Lines, hostLines(&c.Hosts[i], clock)...)
	}
	return s
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// hostLines are what a check found out about a host: its DNS answers if they changed, and each
// address.
func hostLines(h *flow.HostCheck, clock Clock) (out []Line) {
	add := func(format string, args ...any) {
		out = append(out, Line{Text: h.Authority + ": " + fmt.Sprintf(format, args...)})
	}
	for i := 1; i < len(h.DNS); i++ {
		add("DNS changed from %s to %s at %s", DNSAnswer(h.DNS[i-1]), DNSAnswer(h.DNS[i]), clock(h.DNS[i].At))
	}
	if n := len(h.DNS); n == 1 && len(h.DNS[0].Addrs) == 0 {
		add("DNS returns no address (%s)", DNSAnswer(h.DNS[0]))
	}
	for _, a := range h.Addresses {
		name := "through the upstream proxy " + a.Last.Via
		if a.Last.Addr.IsValid() {
			name = a.Last.Addr.String()
		}
		var parts []string
		if !a.Failed.IsZero() {
			parts = append(parts, "failed at "+clock(a.Failed))
		}
		switch {
		case a.Gone:
			parts = append(parts, "DNS doesn't return it any more")
		case !a.Since.IsZero():
			parts = append(parts, "answers since "+clock(a.Since))
		case a.Tries > 0:
			parts = append(parts, TryResult(a.Last))
		default:
			parts = append(parts, "not tried yet")
		}
		add("%s %s (%d of %s answered)", name, strings.Join(parts, ", "), a.Answered, wording.Count(a.Tries, "try"))
	}
	return out
}

// DNSAnswer writes an answer of DNS: "private 10.0.1.23 and 10.0.2.23", "nxdomain".
func DNSAnswer(a flow.CheckAnswer) string {
	if a.Outcome != flow.DNSOK || len(a.Addrs) == 0 {
		return string(a.Outcome)
	}
	var scope flow.Scope
	for i, x := range a.Addrs {
		if s := flow.ScopeOf(x); i == 0 {
			scope = s
		} else if s != scope {
			scope = ""
		}
	}
	var words []string
	for _, x := range a.Addrs {
		words = append(words, named(x, scope))
	}
	return strings.TrimSpace(string(scope) + " " + wording.Some(words, 8))
}

// named is an address, with its scope if the answer has several.
func named(a netip.Addr, all flow.Scope) string {
	if all != "" {
		return a.String()
	}
	return string(flow.ScopeOf(a)) + " " + a.String()
}

// TryResult says how a try ended: "timeout after 4.0 s", "answers (403) in 12 ms",
// "connects, but TLS fails: …".
func TryResult(l flow.Later) string {
	why := ""
	if l.Err != "" {
		why = ": " + l.Err
	}
	switch {
	case l.DNS != "":
		return "DNS returns no address: " + string(l.DNS) + why
	case l.Answered() && l.Status > 0:
		return fmt.Sprintf("answers (%d) in %s", l.Status, wording.Duration(l.Took))
	case l.Answered():
		return "answers in " + wording.Duration(l.Took)
	case l.Outcome == flow.DialTimeout:
		return "timeout after " + wording.Duration(l.Took)
	case l.Stage == flow.StageTLS:
		return "connects, but TLS fails" + why
	case l.Stage == flow.StageWait:
		return "connects, but doesn't respond" + why
	case l.Stage == flow.StageUpstreamProxy:
		return "the upstream proxy doesn't connect" + why
	}
	return string(l.Outcome) + " after " + wording.Duration(l.Took) + why
}

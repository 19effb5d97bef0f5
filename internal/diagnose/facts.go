package diagnose

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

// failures are why the calls failed, by host.
func (g group) failures() []string {
	return g.Distinct(func(f *flow.Flow) []string {
		why := "no response yet"
		if f.Failure != nil {
			why = clean(f.Failure.Message)
		}
		return []string{flowset.HostOf(f) + ": " + why}
	})
}

// endings are how the group's requests ended, by host, with the range of their durations.
func (g group) endings() []string {
	out := []string{counted(len(g.Set), "request") + " without a response"}
	out = append(out, g.Distinct(func(f *flow.Flow) []string {
		if f.Elapsed(g.now) >= leastTelling {
			return nil
		}
		return []string{flowset.HostOf(f) + ": " + endOf(f)}
	})...)
	return append(out, g.Ranges(func(f *flow.Flow) []flowset.Measured {
		took := f.Elapsed(g.now)
		if took < leastTelling {
			return nil
		}
		after := ""
		if system, n, ok := ending.GiveUpOf(took); ok {
			after = " (" + ending.GiveUpText(n, system) + ")"
		}
		return []flowset.Measured{flowset.Took(flowset.HostOf(f)+": "+endOf(f)+" after ", after, took)}
	})...)
}

// endOf is how a request ended, in the exporter's or the system's words.
func endOf(f *flow.Flow) string {
	switch {
	case f.Failure == nil:
		return "no response yet"
	case ending.Pending(f):
		return "no response when the file was saved"
	case f.Failure.Message != "":
		return clean(f.Failure.Message)
	}
	return strings.ReplaceAll(string(ending.Kind(f)), "-", " ")
}

// rejected are the attempts that the network or the host rejected, a line for each
// address; how the requests ended, if no address is known.
func (g group) rejected() []string {
	if len(g.Addresses()) == 0 {
		return g.endings()
	}
	return g.Distinct(func(f *flow.Flow) []string {
		var out []string
		for _, a := range f.Conn.Attempts {
			if !a.Addr.IsValid() { // of a HAR
				continue
			}
			s := fmt.Sprintf("%s at %s (%s): ", flowset.HostOf(f), a.Addr, flow.ScopeOf(a.Addr.Addr()))
			switch a.Outcome {
			case flow.DialRefused, flow.DialUnreachable, flow.DialReset, flow.DialError:
				out = append(out, s+string(a.Outcome)+", "+clean(a.Err))
			case flow.DialPending, flow.DialConnected, flow.DialTimeout, flow.DialLost, flow.DialCanceled:
			}
		}
		return out
	})
}

// waits are how long each host didn't respond, in the figures of the table.
func (g group) waits() []string {
	flows := make(map[string]int)
	tried := make(map[string][]flow.DialAttempt)
	for _, f := range g.Set {
		h := flowset.HostOf(f)
		flows[h]++
		tried[h] = append(tried[h], f.Conn.Attempts...)
	}
	var out []string
	for _, h := range g.Hosts() {
		sum := flow.AllConnects(tried[h], g.now)
		s := fmt.Sprintf("%s: %s, no response from ", h, wording.Count(flows[h], "request"))
		switch sum.Addresses {
		case 0:
			s += "any address"
		case 1:
			s += "its address"
		default:
			s += "any of " + wording.Count(sum.Addresses, "address")
		}
		waiting := slices.ContainsFunc(tried[h], func(a flow.DialAttempt) bool { return a.Outcome == flow.DialPending })
		switch {
		case sum.Longest < leastTelling:
		case waiting:
			s += " within " + wording.Running(sum.Longest)
		default:
			s += " within " + wording.Duration(sum.Longest)
		}
		if n := sum.SYNText(); n != "" {
			s += ", " + n
		}
		if waiting {
			s += ", still waiting"
		}
		out = append(out, s)
	}
	return out
}

// affected are the calls and pages that failed, and the endpoints that would carry the
// calls.
func (g group) affected() (out []string) {
	if es := g.EndpointServices(); len(es) > 0 {
		out = append(out, "interface endpoints that would carry these calls: "+list(es, ""))
	}
	if c := g.Calls(); len(c) > 0 {
		out = append(out, "calls affected: "+list(c, ""))
	}
	if p := g.Pages(); len(p) > 0 {
		out = append(out, "pages affected: "+list(p, ""))
	}
	return out
}

// consoleWorks says that relayed calls got a response.
func (g group) consoleWorks() []string {
	n := g.all.answeredConsole
	if n == 0 {
		return nil
	}
	return []string{wording.Count(n, "console-origin call") + " relayed by the console's servers got a response"}
}

// answerers are the addresses that responded.
func (g group) answerers() []string {
	return g.Distinct(func(f *flow.Flow) []string {
		if f.Conn == nil || f.Conn.Winner() == nil {
			return nil
		}
		a := f.Conn.Winner().Addr.Addr()
		return []string{fmt.Sprintf("%s responded from %s (%s)", flowset.HostOf(f), a, flow.ScopeOf(a))}
	})
}

// answer is a DNS answer in short: its first address, or its outcome.
func answer(o flow.DNSOutcome, addrs []netip.Addr) string {
	if len(addrs) == 0 {
		return string(o)
	}
	return fmt.Sprintf("%s (%s)", addrs[0], flow.ScopeOf(addrs[0]))
}

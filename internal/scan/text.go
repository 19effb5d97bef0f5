package scan

import (
	"fmt"
	"strings"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/probe"
	"detour/internal/wording"
)

// Text returns the groups for a terminal: hosts that don't respond in full, the others in
// short. results[i] is that of targets[i].
func Text(targets []aws.Endpoint, results []probe.Result) string {
	groups := make(map[Group][]int)
	for i := range results {
		g := GroupOf(&results[i].Flow)
		groups[g] = append(groups[g], i)
	}
	var b strings.Builder
	for _, g := range []struct {
		group Group
		title string
		full  bool
	}{
		{PrivateStuck, "private, not responding", true},
		{PublicStuck, "public, not responding", true},
		{Unresolved, "DNS failed", true},
		{Private, "private, reachable", true},
		{Public, "public, reachable", false},
		{Proxied, "through the upstream proxy", false},
		{NoSuchName, "no such name", false},
	} {
		members := groups[g.group]
		if len(members) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s: %d\n", g.title, len(members))
		if g.full {
			for _, i := range members {
				b.WriteString(scanned(targets[i], &results[i].Flow))
			}
			continue
		}
		var labels []string
		for _, i := range members {
			labels = append(labels, targets[i].Label)
		}
		b.WriteString(wrapped(labels, 100))
	}
	return b.String()
}

// scanned is a host with the outcome for each address.
func scanned(e aws.Endpoint, f *flow.Flow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %-60s %s\n", e.Host, e.EndpointService)
	if f.Failure != nil && f.Failure.Stage == flow.StageDNS {
		fmt.Fprintf(&b, "      %s\n", flow.Printable(f.Failure.Message))
		return b.String()
	}
	for _, a := range f.Conn.Attempts {
		fmt.Fprintf(&b, "      %-24s %s after %s", a.Addr.Addr(), a.Outcome, wording.Duration(a.Took))
		if n := a.SYNs(); n > 0 && a.Outcome == flow.DialTimeout {
			b.WriteString(", " + wording.Count(n, "SYN"))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// wrapped are words on indented lines of limited width.
func wrapped(words []string, width int) string {
	var b strings.Builder
	line := " "
	for _, w := range words {
		if len(line)+1+len(w) > width {
			b.WriteString(line + "\n")
			line = " "
		}
		line += " " + w
	}
	return b.String() + line + "\n"
}

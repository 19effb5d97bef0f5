package account

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/diagnose/screen"
	"detour/internal/flow"
	"detour/internal/wording"
)

// Text is what was read of an account, for a terminal.
func Text(c *Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, account %s, Region %s\n", wording.Count(c.Files, "file"),
		cmp.Or(wording.List(c.Accounts), "unknown"), cmp.Or(wording.List(c.Regions), "unknown"))
	if !c.Collected.IsZero() {
		fmt.Fprintf(&b, "collected %s\n", c.Collected.UTC().Format("2006-01-02 15:04 UTC"))
	}
	b.WriteString("\nread\n")
	var missing []Inventory
	for _, x := range c.Inventory() {
		switch {
		case len(x.Files) == 0:
			missing = append(missing, x)
		case len(x.Partial) > 0:
			fmt.Fprintf(&b, "  %5d  %s (a part is missing)\n", x.Objects, x.Command)
		default:
			fmt.Fprintf(&b, "  %5d  %s\n", x.Objects, x.Command)
		}
	}
	if len(missing) > 0 {
		b.WriteString("\nmissing, and what it would decide\n")
	}
	for _, x := range missing {
		fmt.Fprintf(&b, "  %s: %s", x.Command, x.Decides)
		if x.Refused != "" {
			fmt.Fprintf(&b, " (needs the permission %s)", flow.Printable(x.Refused))
		}
		b.WriteByte('\n')
	}
	if len(c.Problems) > 0 {
		b.WriteString("\nproblems\n")
	}
	for _, p := range c.Problems {
		b.WriteString("  " + flow.Printable(p) + "\n")
	}
	return b.String()
}

// Screens are the parts of the console that the endpoint's calls fill.
func (r Reach) Screens() []string {
	return screen.OfService(r.Service[strings.LastIndexByte(r.Service, '.')+1:])
}

// ReachText is who could not reach which endpoint, for a terminal: by endpoint, what doesn't
// respond first.
func ReachText(all []Reach, q Question) string {
	byEndpoint := make(map[string][]Reach)
	var order []string
	for _, r := range all {
		if byEndpoint[r.Endpoint] == nil {
			order = append(order, r.Endpoint)
		}
		byEndpoint[r.Endpoint] = append(byEndpoint[r.Endpoint], r)
	}
	worst := func(id string) int {
		w := 0
		for _, r := range byEndpoint[id] {
			w = max(w, severity(r.Proof.Verdict))
		}
		return w
	}
	slices.SortStableFunc(order, func(a, b string) int { return worst(b) - worst(a) })
	var b strings.Builder
	n := 0
	for _, id := range order {
		if worst(id) == severity(flow.Proven) {
			n++
		}
	}
	fmt.Fprintf(&b, "%s would be sent to %s with private DNS: %d would not respond\n",
		q.Clients, wording.Count(len(order), "interface endpoint"), n)
	for _, id := range order {
		rs := byEndpoint[id]
		fmt.Fprintf(&b, "\n%s  %s (%s)\n", rs[0].Host, id, rs[0].VPC)
		var said []string
		for _, r := range rs {
			line := reachLine(r, q)
			if !slices.Contains(said, line) {
				said = append(said, line)
				b.WriteString("  " + line + "\n")
			}
		}
		if worst(id) == severity(flow.Proven) {
			for _, s := range rs[0].Screens() {
				b.WriteString("  would break: " + s + "\n")
			}
			b.WriteString(fixLines(rs))
		}
	}
	return b.String()
}

func severity(v flow.ProofVerdict) int {
	switch v {
	case flow.Proven:
		return 2
	case flow.Admitted:
		return 0
	case flow.Unknown, flow.Contradiction, flow.NotHere:
	}
	return 1
}

// reachLine is one outcome, for the clients that it is about.
func reachLine(r Reach, q Question) string {
	who := ""
	if len(r.Clients) != 1 || r.Clients[0] != q.Clients.Masked() {
		who = " for " + wording.Some(clientNames(r.Clients), 4)
	}
	switch r.Proof.Verdict {
	case flow.Proven:
		return fmt.Sprintf("no response%s: %s %s %s", who, nameOf(r.Proof.Cause.Check), r.Proof.Cause.Object, r.Proof.Cause.Says)
	case flow.Admitted:
		return "responds" + who
	case flow.Unknown, flow.Contradiction, flow.NotHere:
	}
	return "unknown" + who + ": " + r.Proof.Says
}

func clientNames(all []netip.Prefix) (out []string) {
	for _, p := range all {
		out = append(out, p.String())
	}
	return out
}

// fixLines are the first commands of the fixes.
func fixLines(rs []Reach) string {
	for _, r := range rs {
		if r.Proof.Fix != nil && len(r.Proof.Fix.CLI) > 0 {
			return "  " + r.Proof.Fix.Sentence + "\n    " + r.Proof.Fix.CLI[0] + "\n"
		}
	}
	return ""
}

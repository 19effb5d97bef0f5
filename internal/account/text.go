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
		if x.Failed != "" {
			fmt.Fprintf(&b, " (%s)", flow.Printable(x.Failed))
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
// respond first, then what would change it.
func ReachText(all []Reach, q Question) string {
	byEndpoint := make(map[string][]Reach)
	var order []string
	for _, r := range all {
		if byEndpoint[r.Endpoint] == nil {
			order = append(order, r.Endpoint)
		}
		byEndpoint[r.Endpoint] = append(byEndpoint[r.Endpoint], r)
	}
	worst := func(id string) (w int) {
		for _, r := range byEndpoint[id] {
			w = max(w, severity(r.Proof.Verdict))
		}
		return w
	}
	slices.SortStableFunc(order, func(a, b string) int { return worst(b) - worst(a) })
	var b strings.Builder
	n, partly := make(map[int]int), 0
	for _, id := range order {
		n[worst(id)]++
		if worst(id) == severity(flow.Proven) && slices.ContainsFunc(byEndpoint[id], func(r Reach) bool {
			return r.Proof.Verdict == flow.Proven && !r.whole(q)
		}) {
			partly++
		}
	}
	name := clients([]netip.Prefix{q.Clients.Masked()})
	fmt.Fprintf(&b, "%s would be sent to %s with private DNS: %d would not respond", name,
		wording.Count(len(order), "interface endpoint"), n[severity(flow.Proven)])
	switch {
	case partly > 0 && partly == n[severity(flow.Proven)]:
		b.WriteString(" to a part of these clients")
	case partly > 0:
		fmt.Fprintf(&b, ", %d of them to a part of these clients", partly)
	}
	if k := n[severity(flow.Unknown)]; k > 0 {
		fmt.Fprintf(&b, ", %d not known", k)
	}
	b.WriteByte('\n')
	for _, id := range order {
		rs := byEndpoint[id]
		fmt.Fprintf(&b, "\n%s  %s (%s)\n", cmp.Or(rs[0].Host, rs[0].Service), id, rs[0].VPC)
		for _, line := range distinct(reachLines(rs, q)) {
			b.WriteString("  " + line + "\n")
		}
		if worst(id) < severity(flow.Proven) {
			continue
		}
		for _, s := range rs[0].Screens() {
			b.WriteString("  would break: " + s + "\n")
		}
	}
	b.WriteString(fixText(all))
	return b.String()
}

// whole reports whether an outcome is that of all clients.
func (r Reach) whole(q Question) bool {
	return len(r.Clients) == 1 && r.Clients[0] == q.Clients.Masked()
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

// reachLines are the outcomes of an endpoint's interfaces, what doesn't respond first.
func reachLines(rs []Reach, q Question) (out []string) {
	rs = slices.Clone(rs)
	slices.SortStableFunc(rs, func(a, b Reach) int { return severity(b.Proof.Verdict) - severity(a.Proof.Verdict) })
	for _, r := range rs {
		who := ""
		if !r.whole(q) {
			who = " for " + wording.Some(clientNames(r.Clients), maxScopes)
		}
		switch r.Proof.Verdict {
		case flow.Proven:
			out = append(out, "no response"+who+": "+clause(*r.Proof.Cause))
			for _, a := range r.Proof.Also {
				out = append(out, "also denied"+who+": "+clause(a))
			}
		case flow.Admitted:
			out = append(out, "responds"+who)
		case flow.Unknown, flow.Contradiction, flow.NotHere:
			out = append(out, "not known"+who+": "+r.Proof.Says)
			for _, n := range r.Proof.Needs {
				out = append(out, "  this would decide: "+n)
			}
		}
	}
	return out
}

// fixText are the fixes, each once, and the narrowest commands of each.
func fixText(all []Reach) string {
	var sentences []string
	commands := make(map[string][]string)
	for _, r := range all {
		f := r.Proof.Fix
		if f == nil || f.Sentence == "" {
			continue
		}
		if !slices.Contains(sentences, f.Sentence) {
			sentences = append(sentences, f.Sentence)
		}
		commands[f.Sentence] = distinct(append(commands[f.Sentence], f.CLI[:f.Narrow]...))
	}
	if len(sentences) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nwhat would change it\n")
	for _, s := range sentences {
		b.WriteString("  " + s + "\n")
		for _, c := range commands[s] {
			b.WriteString("    " + c + "\n")
		}
	}
	return b.String()
}

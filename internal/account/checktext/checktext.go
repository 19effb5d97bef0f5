// Package checktext writes who could not reach which endpoint, for a terminal.
package checktext

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/account"
	"detour/internal/account/change"
	"detour/internal/account/retell"
	"detour/internal/flow"
	"detour/internal/wording"
)

// maxRanges limits how many ranges of clients a line names.
const maxRanges = 4

// Text is what detour account check prints: the resolver endpoint, then by endpoint, what doesn't
// respond first, then what would change it.
func Text(all []account.Reach, q account.Question) string {
	byEndpoint := make(map[string][]account.Reach)
	var order []string
	var queries []account.Reach
	for _, r := range all {
		if r.Query != "" {
			queries = append(queries, r)
			continue
		}
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
		if worst(id) == severity(flow.Proven) && slices.ContainsFunc(byEndpoint[id], func(r account.Reach) bool {
			return r.Proof.Verdict == flow.Proven && !whole(r, q)
		}) {
			partly++
		}
	}
	name := change.ClientNames([]netip.Prefix{q.Clients.Masked()})[0]
	b.WriteString(queryText(queries, q, name))
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
		for _, line := range reachLines(rs, q) {
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
func whole(r account.Reach, q account.Question) bool {
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
func reachLines(rs []account.Reach, q account.Question) (out []string) {
	add := func(line string) {
		if !slices.Contains(out, line) { // each interface has it
			out = append(out, line)
		}
	}
	rs = slices.Clone(rs)
	slices.SortStableFunc(rs, func(a, b account.Reach) int { return severity(b.Proof.Verdict) - severity(a.Proof.Verdict) })
	for _, r := range rs {
		who := ""
		if !whole(r, q) {
			who = " for " + wording.Some(change.ClientNames(r.Clients), maxRanges)
		}
		switch r.Proof.Verdict {
		case flow.Proven:
			add("no response" + who + ": " + retell.Because(*r.Proof.Cause))
			for _, a := range r.Proof.Also {
				add("also denied" + who + ": " + retell.Because(a))
			}
		case flow.Admitted:
			add("responds" + who)
		case flow.Unknown, flow.Contradiction, flow.NotHere:
			add("not known" + who + ": " + r.Proof.Says)
			for _, n := range r.Proof.Needs {
				add("  this would decide: " + n)
			}
		}
	}
	return out
}

// fixText are the fixes, each once, and the narrowest commands of each.
func fixText(all []account.Reach) string {
	var sentences []string
	commands := make(map[string][]string) // of fixes with this sentence, which are the same
	for _, r := range all {
		f := r.Proof.Fix
		if f == nil || f.Sentence == "" {
			continue
		}
		if !slices.Contains(sentences, f.Sentence) {
			sentences = append(sentences, f.Sentence)
		}
		commands[f.Sentence] = f.CLI[:f.Narrow]
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

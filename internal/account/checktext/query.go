package checktext

import (
	"fmt"
	"slices"
	"strings"

	"detour/internal/account"
	"detour/internal/flow"
	"detour/internal/wording"
)

// queryText says which addresses of a resolver endpoint the clients' DNS queries reach; "" without
// queries. A client needs both protocols: an answer that is too large for UDP comes over TCP.
func queryText(all []account.Reach, q account.Question, name string) string {
	if len(all) == 0 {
		return ""
	}
	var b strings.Builder
	n := make(map[int]int)
	for _, r := range all {
		n[severity(r.Proof.Verdict)]++
	}
	var says string
	switch {
	case n[severity(flow.Proven)] == len(all):
		says = "would not respond to"
	case n[severity(flow.Proven)] > 0:
		says = "would respond to a part of the"
	case n[severity(flow.Unknown)] > 0:
		says = "may not respond to"
	default:
		says = "would respond to"
	}
	fmt.Fprintf(&b, "%s (%s) %s DNS queries of %s\n", all[0].Endpoint, all[0].VPC, says, name)
	for len(all) > 0 {
		same := 1
		for same < len(all) && all[same].Address == all[0].Address {
			same++
		}
		var order []string
		over := make(map[string][]string) // a line's protocols
		for _, protocol := range []string{"udp", "tcp"} {
			of := slices.DeleteFunc(slices.Clone(all[:same]), func(r account.Reach) bool { return r.Query != protocol })
			for _, line := range reachLines(of, q) {
				if over[line] == nil {
					order = append(order, line)
				}
				over[line] = append(over[line], strings.ToUpper(protocol))
			}
		}
		for _, line := range order {
			fmt.Fprintf(&b, "  %s over %s: %s\n", all[0].Address, wording.List(over[line]), strings.TrimSpace(line))
		}
		all = all[same:]
	}
	b.WriteByte('\n')
	return b.String()
}

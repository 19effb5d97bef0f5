// Package contradiction makes the notice about an account's configuration that denies what
// responded.
package contradiction

import (
	"slices"

	"detour/internal/account"
	"detour/internal/flow"
)

// The notice is found beside the flows, so it isn't one of the rules'.
const (
	Code    = "account-contradiction"
	Level   = flow.LevelNotice
	Meaning = "With --account: the account's configuration denies what responded, so it proves nothing."
)

// Add adds a notice to findings if the account's configuration denies what
// responded, and no finding says so already.
func Add(found []flow.Finding, all []account.Contradiction) []flow.Finding {
	if len(all) == 0 || slices.ContainsFunc(found, func(f flow.Finding) bool {
		return f.Proof != nil && f.Proof.Verdict == flow.Contradiction
	}) {
		return found
	}
	f := flow.Finding{
		Code: Code, Level: Level, Confidence: flow.ConfidenceHigh,
		Proof: &flow.Proof{Verdict: flow.Contradiction, Says: "the files deny what responded, so no cause is named"},
		Title: "the account's configuration denies what responded: it is old, or of another account, or a NAT is on the way",
		Alternatives: []string{
			"the configuration was changed between the capture and the collection",
			"the client's address is translated on the way, so the rules see another one",
		},
		Try: []flow.NextStep{{Text: "Collect the configuration again, and compare its account and VPC with those of the endpoint"}},
	}
	for _, c := range all {
		f.Because = append(f.Because, c.Text)
		f.Hosts, f.Flows = append(f.Hosts, c.Hosts...), append(f.Flows, c.Flows...)
	}
	slices.Sort(f.Hosts)
	slices.Sort(f.Flows)
	f.Hosts, f.Flows = slices.Compact(f.Hosts), slices.Compact(f.Flows)
	return append(slices.Clip(found), f)
}

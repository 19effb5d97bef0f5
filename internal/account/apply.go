package account

import (
	"cmp"
	"fmt"
	"slices"

	"detour/internal/flow"
	"detour/internal/wording"
)

// Apply adds the proofs to findings. What is proven comes first, and its title says so; a
// finding with several causes becomes several. The findings given aren't changed. text is what
// redacts the proofs' texts, which have the addresses of the flows and the account's IDs.
func (s *Study) Apply(found []flow.Finding, text func(string) string) []flow.Finding {
	out := make([]flow.Finding, 0, len(found))
	for _, f := range found {
		parts := s.Prove(f)
		if len(parts) == 0 || f.Resolved {
			out = append(out, f)
			continue
		}
		for _, p := range parts {
			p.Proof = p.Proof.Map(text, text)
			if len(parts) > 1 {
				for i := range p.Hosts {
					p.Hosts[i] = text(p.Hosts[i])
				}
			}
			out = append(out, proved(f, p))
		}
	}
	slices.SortStableFunc(out, func(a, b flow.Finding) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// rank puts what is proven before what isn't. Problems stay before notices.
func rank(f flow.Finding) int {
	switch {
	case f.Level == flow.LevelProblem && f.Proof != nil && f.Proof.Verdict == flow.Proven:
		return 0
	case f.Level == flow.LevelProblem:
		return 1
	}
	return 2
}

// proved is a finding with a proof.
func proved(f flow.Finding, part Part) flow.Finding {
	p := part.Proof
	f.Proof, f.Hosts, f.Flows = &p, part.Hosts, part.Flows
	if p.Verdict != flow.Proven {
		return f
	}
	f.Title = fmt.Sprintf("calls to %s get no response, because %s %s %s",
		wording.Some(f.Hosts, 3), nameOf(p.Cause.Check), p.Cause.Object, p.Cause.Says)
	f.Level, f.Confidence = flow.LevelProblem, flow.ConfidenceHigh
	f.Alternatives = p.Caveats
	if p.Fix == nil {
		return f
	}
	f.Try = steps(p)
	if p.Fix.Sentence != "" {
		f.Asks = []flow.Ask{{Of: flow.AccountOwner, What: p.Fix.Sentence}}
	}
	return f
}

// steps are what to do about a cause: the narrowest change first. What else denies isn't
// changed by it.
func steps(p flow.Proof) (out []flow.NextStep) {
	for i, c := range p.Fix.CLI {
		text := "The narrowest change"
		if i > 0 {
			text = "Or, wider"
		}
		out = append(out, flow.NextStep{Text: text, Command: c})
	}
	for _, a := range p.Also {
		if a.Check == flow.CheckSecurityGroup && p.Cause.Check == flow.CheckSecurityGroup {
			continue // one group that admits suffices
		}
		out = append(out, flow.NextStep{
			Text: fmt.Sprintf("That alone isn't enough: %s %s stops it, too", nameOf(a.Check), a.Object),
		})
	}
	for _, c := range p.Fix.Verify {
		out = append(out, flow.NextStep{Text: "Then check", Command: c})
	}
	return out
}

package account

import (
	"cmp"
	"slices"

	"detour/internal/flow"
)

// Apply adds the proofs to findings. What is proven comes first, and its title says so; a
// finding with several causes becomes several, and one whose cause the files exclude names none.
// The findings given aren't changed. text is what redacts the proofs' texts, which have the
// addresses of the flows and the account's IDs.
func (s *Study) Apply(found []flow.Finding, text func(string) string) []flow.Finding {
	out := make([]flow.Finding, 0, len(found))
	for _, f := range found {
		parts := s.Prove(f)
		if len(parts) == 0 || f.Resolved {
			out = append(out, f)
			continue
		}
		for _, p := range parts {
			silent := s.stuck(p.Flows, text)
			p.Proof = p.Proof.Map(text, text)
			if at := s.config.Collected.UTC(); !at.IsZero() {
				p.Proof.Collected = &at
			}
			if len(parts) > 1 {
				for i := range p.Hosts {
					p.Hosts[i] = text(p.Hosts[i])
				}
			}
			f.Proof, f.Hosts, f.Flows = &p.Proof, p.Hosts, p.Flows
			out = append(out, silent.Retell(f))
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

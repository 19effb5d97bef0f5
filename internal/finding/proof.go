package finding

import (
	"slices"

	"detour/internal/flow"
)

// HeadProof is the head of what the account's configuration says.
const HeadProof = "Proof from the account's configuration"

// Denies is what the line of a check begins with that denies.
const Denies = "✗"

// proof is the verdict, then the packet's path, a line for each check, and what would decide
// what isn't decided.
func proof(p *flow.Proof) []Line {
	if p == nil {
		return nil
	}
	out := []Line{{Text: string(p.Verdict) + ": " + p.Says}}
	for i, c := range p.Checks {
		said := slices.ContainsFunc(p.Checks[:i], func(o flow.ProofCheck) bool { // one line for each object
			return o.Check == c.Check && o.Object == c.Object && o.Verdict == c.Verdict && (c.Object != "" || o.Says == c.Says)
		})
		// Behind the cause, what isn't known is no question.
		if !said && (p.Verdict != flow.Proven || c.Verdict != flow.CheckUnknown || c.Object != "") {
			out = append(out, Line{Text: step(c)})
		}
	}
	for _, n := range p.Needs {
		out = append(out, Line{Text: "This would decide", Command: n})
	}
	if p.Verdict == flow.Proven {
		return out // its caveats are the finding's other possible causes
	}
	return append(out, sentences(p.Caveats)...)
}

// step is one check on the packet's path.
func step(c flow.ProofCheck) string {
	mark, verdict := "?", " (unknown)"
	switch c.Verdict {
	case flow.CheckAdmits:
		mark, verdict = "→", ""
	case flow.CheckDenies:
		mark, verdict = Denies, " (denies)"
	case flow.CheckUnknown:
	}
	return mark + " " + c.Check.Of(c.Object) + verdict + ": " + c.Says
}

package finding

import (
	"slices"
	"strings"

	"detour/internal/flow"
)

// HeadProof is the head of what the account's configuration says.
const HeadProof = "Proof from the account's configuration"

// proof is the verdict, then the packet's path, a line for each check, and what would decide
// what isn't decided.
func proof(p *flow.Proof) []Line {
	if p == nil {
		return nil
	}
	out := []Line{{Text: string(p.Verdict) + ": " + p.Says}}
	for i, c := range p.Checks {
		if !slices.ContainsFunc(p.Checks[:i], func(o flow.ProofCheck) bool { // one line for each object
			return o.Check == c.Check && o.Object == c.Object && o.Verdict == c.Verdict
		}) {
			out = append(out, Line{Text: step(c)})
		}
	}
	if p.Cause != nil {
		for _, c := range p.Also {
			out = append(out, Line{Text: "also denied by " + spaced(c.Check) + " " + c.Object + ": " + c.Says})
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
	mark := "?"
	switch c.Verdict {
	case flow.CheckAdmits:
		mark = "→"
	case flow.CheckDenies:
		mark = "✗"
	case flow.CheckUnknown:
	}
	s := mark + " " + spaced(c.Check)
	if c.Object != "" {
		s += " " + c.Object
	}
	return s + " (" + string(c.Verdict) + "): " + c.Says
}

// spaced is a check's name in a sentence.
func spaced(c flow.CheckName) string { return strings.ReplaceAll(string(c), "-", " ") }

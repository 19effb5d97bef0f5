package intake

import (
	"fmt"
	"slices"

	"detour/internal/flow"
	"detour/internal/wording"
)

// A provedBefore tells, with findings that are judged without an account, what a file says was proved
// with one. Nothing of it is believed: it is evidence, in words, and without its commands.
type provedBefore struct {
	text func(string) string // redacts
}

// Bounds of what a file may say.
const (
	maxProvedBefore = 5   // lines of a finding
	maxProvedText   = 400 // characters of a line
)

// add adds lines to the evidence of findings: for each proof of a recorded finding of the same code
// that shares a flow.
func (p provedBefore) add(found, recorded []flow.Finding) {
	for i := range found {
		var lines []string
		for _, old := range recorded {
			if old.Proof == nil || old.Proof.Verdict != flow.Proven || old.Code != found[i].Code || !sharesFlow(old, found[i]) {
				continue
			}
			if line := p.line(*old.Proof); !slices.Contains(lines, line) && len(lines) < maxProvedBefore {
				lines = append(lines, line)
			}
		}
		if len(lines) > 0 {
			found[i].Because = slices.Concat(found[i].Because, lines)
		}
	}
}

func sharesFlow(a, b flow.Finding) bool {
	has := make(map[flow.ID]bool, len(a.Flows))
	for _, id := range a.Flows {
		has[id] = true
	}
	return slices.ContainsFunc(b.Flows, func(id flow.ID) bool { return has[id] })
}

func (p provedBefore) line(was flow.Proof) string {
	of := ""
	if was.Collected != nil {
		of = " of " + was.Collected.UTC().Format("2006-01-02 15:04 UTC")
	}
	return fmt.Sprintf("While recording, detour proved this from the account's configuration%s: %s"+
		" (not checked again; --account DIR checks it)", of, wording.Clip(flow.Printable(p.text(was.Says)), maxProvedText))
}

package intake

import (
	"strings"
	"testing"

	"detour/internal/flow"
)

// A file that somebody sent may say anything of a proof.
func TestProvedBefore_aFilesWordsAreBoundedAndEscaped(t *testing.T) {
	bad := "\x1b[2J" + strings.Repeat("x", 10_000)
	var recorded []flow.Finding
	for range 20 {
		bad += "y"
		recorded = append(recorded, flow.Finding{
			Code: "c", Flows: []flow.ID{1}, Proof: &flow.Proof{Verdict: flow.Proven, Says: bad, Fix: &flow.ProofFix{CLI: []string{"rm -rf /"}}},
		})
	}
	recorded = append(recorded, flow.Finding{Code: "c", Flows: []flow.ID{1}, Proof: &flow.Proof{Verdict: flow.Admitted, Says: "admitted"}},
		flow.Finding{Code: "c", Flows: []flow.ID{2}, Proof: &flow.Proof{Verdict: flow.Proven, Says: "of another flow"}})
	for i := range recorded[:20] {
		recorded[i].Proof.Says = strings.Repeat("z", i) + bad
	}
	found := []flow.Finding{{Code: "c", Flows: []flow.ID{1}, Because: []string{"seen"}}, {Code: "d", Flows: []flow.ID{1}}}
	provedBefore{text: func(s string) string { return s }}.add(found, recorded)
	text := strings.Join(found[0].Because, "\n")
	if len(found[0].Because) != 1+maxProvedBefore || len(text) > 4_000 || found[0].Because[0] != "seen" || len(found[1].Because) > 0 {
		t.Errorf("%d lines, %d bytes, and %q", len(found[0].Because), len(text), found[1].Because)
	}
	for _, not := range []string{"\x1b", "rm -rf", "admitted", "another flow"} {
		if strings.Contains(text, not) {
			t.Errorf("%q is in %.500s", not, text)
		}
	}
}

package diagnose

import (
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// TestRules_aHARIsOfAnotherMachine: what a rule says of a HAR's calls is never about the machine
// that reads it.
func TestRules_aHARIsOfAnotherMachine(t *testing.T) {
	for code, trial := range trials() {
		var flows []*flow.Flow
		for _, f := range trial.fires {
			flows = append(flows, har(f))
		}
		for _, found := range Run(byID(flows), t0.Add(time.Hour)) {
			texts := slices.Concat([]string{found.Title}, found.Because, found.Alternatives, found.CloudTrail)
			for _, s := range found.Try {
				texts = append(texts, s.Text)
			}
			for _, a := range found.Asks {
				texts = append(texts, a.What)
			}
			for _, text := range texts {
				if strings.Contains(text, "this machine") {
					t.Errorf("%s, in the trial of %s: %s", found.Code, code, text)
				}
			}
		}
	}
}

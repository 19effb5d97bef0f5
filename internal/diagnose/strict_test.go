package diagnose

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	names "detour/internal/alias"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/redact"
)

var anyAddress = regexp.MustCompile(`[0-9]+(?:\.[0-9]+){3}|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*`)

// TestRules_noStrictTextHasAPrivateAddress: of no rule, neither a real one nor a stand-in, least
// of all in a command.
func TestRules_noStrictTextHasAPrivateAddress(t *testing.T) {
	now, commands := t0.Add(time.Hour), 0
	for code, trial := range trials() {
		r := redact.New(redact.Options{Key: []byte("a key of thirty-two bytes for it"), Strict: true})
		var table names.Table
		texts, flows := table.Texts(nil), byID(trial.fires)
		for i, f := range flows {
			x := *f
			r.Flow(&x)
			texts.Learn(&x)
			flows[i] = &x
		}
		found := Run(flows, now)
		if len(found) == 0 || found[0].Code != code {
			t.Errorf("%s isn't found in strict records: %v", code, codesOf(found))
		}
		for _, f := range found {
			f = texts.Finding(f)
			for _, word := range anyAddress.FindAllString(finding.Text(f), -1) {
				if a, err := netip.ParseAddr(word); err == nil && flow.ScopeOf(a).InVPC() {
					t.Errorf("%s says %s:\n%s", f.Code, word, finding.Text(f))
				}
			}
			for _, s := range f.Try {
				if strings.Contains(s.Command, "private-") || strings.Contains(s.Command, "CLIENT_ADDRESS") {
					commands++
				}
				if strings.Contains(s.Command, "client-") {
					t.Errorf("%s: a name where the address is to be filled in: %s", f.Code, s.Command)
				}
			}
		}
	}
	if commands < 4 {
		t.Errorf("only %d commands have something to fill in", commands)
	}
}

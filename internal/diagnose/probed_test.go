package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// A probe asks without credentials. AWS refuses that with a field of its own, and a gateway
// without.
func TestRun_judgesTheAnswerToAProbe(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		traits []flow.Trait
		want   string
	}{
		{"a page of a gateway", 403, []flow.Trait{flow.TraitUnmarked, flow.TraitWebPage}, "answer-not-from-aws"},
		{"a gateway's JSON", 403, []flow.Trait{flow.TraitUnmarked}, "answer-not-from-aws"},
		{"a portal's redirect", 302, []flow.Trait{flow.TraitUnmarked, flow.TraitElsewhere}, "answer-not-from-aws"},
		{"AWS's refusal", 403, nil, ""},
		{"AWS's redirect to its own site", 302, nil, ""},
		{"a service that has nothing at /", 404, []flow.Trait{flow.TraitUnmarked}, ""},
	} {
		f := answered(1, flow.OriginDirect, logs, "203.0.113.20", "")
		f.Source, f.AWS = flow.SourceProbe, nil
		f.Request = flow.Request{Method: "GET", URL: "https://" + logs + "/"}
		f.Response = &flow.Response{Status: tc.status, Traits: tc.traits}
		var codes []string
		for _, found := range Run([]*flow.Flow{f}, t0.Add(time.Hour)) {
			codes = append(codes, found.Code)
		}
		if got := strings.Join(codes, " "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

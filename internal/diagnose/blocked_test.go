package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// TestBlockedInTheBrowser_aPolicyIsNoExtension: a browser without extensions has the policy, too.
func TestBlockedInTheBrowser_aPolicyIsNoExtension(t *testing.T) {
	f := inHAR(1, flow.OriginDirect, logs, "DescribeLogGroups", flow.KindBlockedByAdmin, time.Second)
	got := Run([]*flow.Flow{f}, t0.Add(time.Hour))
	if len(got) != 1 || got[0].Code != "blocked-in-the-browser" {
		t.Fatalf("got %v", codesOf(got))
	}
	text := got[0].Try[0].Text + got[0].Asks[0].What
	if strings.Contains(text, "extension") || !strings.Contains(text, "polic") {
		t.Errorf("got %s", text)
	}
}

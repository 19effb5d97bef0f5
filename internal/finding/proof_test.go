package finding

import (
	"slices"
	"testing"

	"detour/internal/flow"
)

func TestSections_drawTheProofsPath(t *testing.T) {
	check := func(c flow.CheckName, v flow.CheckVerdict, object, says string) flow.ProofCheck {
		return flow.ProofCheck{Check: c, Verdict: v, Object: object, Says: says}
	}
	p := &flow.Proof{
		Verdict: flow.Proven, Says: "it stops it",
		Checks: []flow.ProofCheck{
			check(flow.CheckPrivateDNS, flow.CheckAdmits, "vpce-1", "private DNS is on"),
			check(flow.CheckNACLIn, flow.CheckAdmits, "acl-1", "inbound tcp/443: rule 100 allows it"),
			check(flow.CheckSecurityGroup, flow.CheckDenies, "sg-1", "admits nothing"),
			check(flow.CheckSecurityGroup, flow.CheckDenies, "sg-1", "admits nothing, of another client"),
			check(flow.CheckRouteBack, flow.CheckDenies, "rtb-1", "has no route"),
			check(flow.CheckGateway, flow.CheckUnknown, "", "there is no route"),
		},
		Also: []flow.ProofCause{{Check: flow.CheckRouteBack, Object: "rtb-1", Says: "has no route"}},
	}
	lines := func() (out []string) {
		for _, l := range Sections(flow.Finding{Proof: p})[0].Lines {
			out = append(out, l.Sentence()+l.Command)
		}
		return out
	}
	want := []string{
		"proven: it stops it", "→ private DNS of vpce-1: private DNS is on", "→ network ACL acl-1: inbound tcp/443: rule 100 allows it",
		"✗ security group sg-1 (denies): admits nothing", "✗ route table rtb-1 (denies): has no route",
	}
	if got := lines(); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	p.Verdict, p.Needs = flow.Unknown, []string{"aws x"}
	if got := lines(); !slices.Contains(got, "? gateway (unknown): there is no route") || got[len(got)-1] != "This would decide:aws x" {
		t.Errorf("%q", got)
	}
}

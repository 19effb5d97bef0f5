package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/internal/report/reporttest"
)

// TestFindings_areWhole: each finding has its evidence, the proof with what denies, its next steps and
// who has to act; together they have the summary.
func TestFindings_areWhole(t *testing.T) {
	c := reporttest.Story()
	c.Findings[0].Proof = &flow.Proof{Verdict: flow.Proven, Says: "a rule is missing", Checks: []flow.ProofCheck{
		{Check: flow.CheckSecurityGroup, Verdict: flow.CheckDenies, Object: "sg-0123456789abcdef0", Says: "admits tcp/443 from 10.0.0.0/16"},
	}}
	c.Findings = append(c.Findings, flow.Finding{Code: "other", Level: flow.LevelNotice, Title: "a <b>notice</b>", Resolved: true, Flows: []flow.ID{1}})
	var got findingsPanel
	if err := json.Unmarshal(New(Options{}).Findings(*c, time.Time{}), &got); err != nil {
		t.Fatal(err)
	}
	summary, rest, ok := strings.Cut(got.HTML, `<div data-finding="0">`)
	first, second, more := strings.Cut(rest, `<div data-finding="1">`)
	if !ok || !more || !strings.Contains(summary, "<b>Who does what:</b>") {
		t.Fatal(got.HTML)
	}
	for _, want := range []string{
		"<h4>Proof from the account&#39;s configuration</h4>", `<li class="t-b">✗ security group sg-0123456789abcdef0 (denies): admits`,
		"<h4>Evidence</h4>", "<h4>Other possible causes</h4>", "<h4>Next steps</h4>", "<pre><code>aws ec2 describe-vpc-endpoints", "<h4>Who has to act</h4>",
	} {
		if !strings.Contains(first, want) {
			t.Errorf("no %s in\n%s", want, first)
		}
	}
	if !strings.Contains(second, "<h3>a &lt;b&gt;notice&lt;/b&gt;</h3>") || !strings.Contains(second, ", resolved</p>") {
		t.Error(second)
	}
	if len(got.List) != 2 || got.List[0].Level != "problem" || len(got.List[0].Flows) != 3 || !got.List[1].Resolved || got.List[1].Title != "a <b>notice</b>" {
		t.Errorf("the list is %+v", got.List)
	}
}

package intake_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/intake"
)

// What a capture says was proved while recording is the same text whether its flows are in memory or not, also
// when it is redacted strictly.
func TestStream_saysWhatWasProvedAsReadDoes(t *testing.T) {
	tables := loadTables(t)
	told := 0
	collected := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 3)) //nolint:gosec // a test's
		c := &flow.Capture{Flows: privateFlows(r), Creator: "detour test"}
		c.Findings = intake.Judge(c.Flows, collected.Add(2*time.Hour), alias.Texts{})
		for i := range c.Findings {
			c.Findings[i].Proof = &flow.Proof{
				Verdict: flow.Proven, Collected: &collected,
				Says: "vpce-0a1b2c3d4e5f60718 of logs.ap-northeast-1.amazonaws.com has 10.0.1.24, and sg-0123456789abcdef0 denies 172.16.8.5",
			}
		}
		want, s := bothWays(t, intake.Reader{Tables: tables, Whole: true, Strict: true}, recordedFrom(t, c))
		s.Close()
		got := s.Capture
		if d := cmp.Diff(want.Findings, got.Findings); d != "" {
			t.Fatalf("%d (-Read +Stream):\n%s", seed, d)
		}
		for _, f := range got.Findings {
			if strings.Contains(strings.Join(f.Because, "\n"), "While recording, detour proved this") {
				told++
			}
		}
	}
	if told == 0 {
		t.Error("no finding says what was proved")
	}
}

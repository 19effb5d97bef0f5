package main

import (
	"strings"
	"testing"

	"detour/internal/flow"
	"detour/internal/intake"
)

func TestDiagnose_aHARThatNamesNobodyIsWrittenByNobody(t *testing.T) {
	if got := judged("x.har", &flow.Capture{}, intake.Counts{}); got != "x.har: 0 requests (0 console-origin, 0 direct-endpoint, 0 other)" {
		t.Error(got)
	}
	if got := judged("x.har", &flow.Capture{Creator: "Safari"}, intake.Counts{}); !strings.HasSuffix(got, ", written by Safari") {
		t.Error(got)
	}
}

// If not all flows were judged, each format says so: what isn't found may be in the rest.
func TestDiagnose_eachFormatSaysThatNotAllWasJudged(t *testing.T) {
	some, n := &flow.Capture{Selected: 250_000}, intake.Counts{Flows: 100_000}
	var b strings.Builder
	if err := writeDiagnosis(&b, "x.detour", some, n.Flows); err != nil || !strings.Contains(b.String(), `"flows":100000,"not_judged":150000,`) {
		t.Errorf("%s, %v", b.String(), err)
	}
	for _, text := range []string{diagnosisText("x.detour", some, n), diagnosisMarkdown("x.detour", some, n)} {
		if strings.Count(text, "100000 of 250000 requests") != 2 { // in the head, and with what wasn't found
			t.Error(text)
		}
	}
}

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

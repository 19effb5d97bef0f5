package main

import (
	"strings"
	"testing"
)

func TestDiagnose_aHARThatNamesNobodyIsWrittenByNobody(t *testing.T) {
	if got := judged("x.har", "", nil); got != "x.har: 0 requests (0 console-origin, 0 direct-endpoint, 0 other)" {
		t.Error(got)
	}
	if got := judged("x.har", "Safari", nil); !strings.HasSuffix(got, ", written by Safari") {
		t.Error(got)
	}
}

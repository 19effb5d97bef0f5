package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/finding"
	"detour/internal/flow"
)

func TestRun_aCallThatSucceedsLaterIsResolved(t *testing.T) {
	flows := []*flow.Flow{refusal(1, "203.0.113.5", 503, nil), ok(2, logs, "203.0.113.5", "AnotherOne")}
	if got := Run(flows, t0.Add(time.Hour)); len(got) != 1 || got[0].Resolved {
		t.Errorf("another call succeeded: %+v", got)
	}
	flows = append(flows, ok(3, logs, "203.0.113.5", "DescribeLogGroups"))
	if got := Run(flows, t0.Add(time.Hour)); len(got) != 1 || !got[0].Resolved || got[0].Level != flow.LevelNotice ||
		!strings.Contains(finding.Text(got[0]), ", resolved since 10:28:04 UTC: ") {
		t.Errorf("the same call succeeded: %+v", got)
	}
}

func TestRun_aHostThatAnswersAgainIsANotice(t *testing.T) {
	flows := append(story(), answered(7, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "10.0.1.24", "DescribeLogGroups"))
	if got := Run(flows, t0)[0]; got.Level != flow.LevelProblem {
		t.Errorf("one of two hosts works again: %s, want a problem", got.Level)
	}
	flows = append(flows, answered(8, flow.OriginDirect, "monitoring.ap-northeast-1.amazonaws.com", "10.0.1.23", "GetMetricData"))
	if got := Run(flows, t0)[0]; got.Level != flow.LevelNotice {
		t.Errorf("both work again: %s, want a notice", got.Level)
	}
}

package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// TestSteps_showWhatAWSSaw: with the minute, the addresses and the service of the calls, and
// placeholders for what isn't known.
func TestSteps_showWhatAWSSaw(t *testing.T) {
	flows := story()
	var first *flow.Flow
	found := Run(flows, flows[len(flows)-1].Times.Start.Add(time.Minute))[0]
	for _, f := range flows {
		if first == nil && f.ID == found.Flows[0] {
			first = f
		}
	}
	var all []string
	for _, s := range found.Try {
		all = append(all, s.Command)
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{
		"aws logs start-query --region ", "--log-group-name FLOW_LOG_GROUP", `dstAddr in ['`, "aws logs get-query-results", "--query-id QUERY_ID",
		"--metric-name NewConnections", "--metric-name PacketsDropped", `"Name=VPC Endpoint Id,Value=ENDPOINT_ID"`,
		"--start-time " + first.Times.Start.UTC().Truncate(time.Minute).Format(time.RFC3339),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q isn't in\n%s", want, text)
		}
	}
}

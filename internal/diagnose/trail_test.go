package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestRun_cloudTrail(t *testing.T) {
	for name, v := range map[string]struct {
		flows []*flow.Flow
		want  string
	}{
		"never there": {[]*flow.Flow{call(1, flow.OriginDirect, logs, "DescribeLogGroups", "10.0.1.24")}, "no events: DescribeLogGroups " +
			"never reached AWS"},
		"denied": {[]*flow.Flow{refusal(1, "10.0.1.24", 403, &flow.AWSError{Code: "AccessDenied"})}, "look for eventName " +
			"DescribeLogGroups of eventSource logs.amazonaws.com; with a vpcEndpointId, and 172.16.8.5"},
		"relayed": {[]*flow.Flow{with(relayed(1), func(f *flow.Flow) {
			f.AWS.Service, f.AWS.InnerStatus, f.AWS.Error = "ec2", 403, &flow.AWSError{Code: "AccessDenied"}
		})}, "eventName DescribeInstances of eventSource ec2.amazonaws.com; the source address is the console's servers'"},
		"of a service whose events name another source": {[]*flow.Flow{with(refusal(1, "203.0.113.5", 403, &flow.AWSError{Code: "AccessDenied"}),
			func(f *flow.Flow) { f.AWS.Service, f.AWS.Operation = "sesv2", "ListContacts" })}, "eventName ListContacts of eventSource ses.amazonaws.com"},
		"a data event": {[]*flow.Flow{with(refusal(1, "203.0.113.5", 403, &flow.AWSError{Code: "AccessDenied"}), func(f *flow.Flow) {
			f.AWS.Service, f.AWS.Operation = "monitoring", "GetMetricData"
		})}, "GetMetricData: data events, which a trail records only if configured"},
		"an endpoint's policy": {
			[]*flow.Flow{refusal(1, "10.0.1.24", 403, &flow.AWSError{Code: "AccessDenied", Deny: "VPC endpoint policy"})},
			"VpceAccessDenied",
		},
	} {
		got := Run(v.flows, t0.Add(time.Hour))
		if len(got) == 0 || !strings.Contains(strings.Join(got[0].CloudTrail, "\n"), v.want) {
			t.Errorf("%s: %+v, want %q", name, got, v.want)
		}
	}
}

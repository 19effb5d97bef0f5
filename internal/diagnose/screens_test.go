package diagnose

import (
	"slices"
	"testing"
	"time"

	"detour/internal/flow"
)

// What a person sees, in the words of the person: by page, though a browser tells a
// service no more than the page's origin.
func TestRun_screensAreNamed(t *testing.T) {
	page := func(id flow.ID, path string) *flow.Flow {
		f := answered(id, flow.OriginConsole, consoleHost, "203.0.113.10", "")
		f.Page, f.Request = "https://"+consoleHost+path,
			flow.Request{Method: "GET", URL: "https://" + consoleHost + path + "?region=ap-northeast-1#x"}
		return f
	}
	of := func(id flow.ID, host, op string) *flow.Flow {
		f := call(id, flow.OriginDirect, host, op, "10.0.1.24")
		f.Page = "https://" + consoleHost + "/"
		return f
	}
	flows := []*flow.Flow{
		page(1, "/ec2/home"), of(2, metrics, "GetMetricData"),
		page(3, "/cloudwatch/home"), of(4, metrics, "GetMetricData"), of(5, metrics, "DescribeAlarms"), of(6, logs, "DescribeLogGroups"),
		page(7, "/some/new/page"), of(8, logs, "TagLogGroup"),
	}
	got := Run(flows, t0.Add(time.Hour))
	want := []string{
		"/some/new/page: TagLogGroup", "CloudWatch › alarms: DescribeAlarms", "CloudWatch › graphs: GetMetricData",
		"CloudWatch › log groups: DescribeLogGroups", "EC2 › Monitoring tab: GetMetricData",
	}
	if len(got) != 1 || !slices.Equal(got[0].Screens, want) {
		t.Errorf("screens %q, want %q", got[0].Screens, want)
	}
}

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

// DevTools writes the requests of a page that was opened later first.
func TestRun_screensFollowTheTimeAndNotTheFile(t *testing.T) {
	at := func(s int, f *flow.Flow) *flow.Flow {
		f.Times.Start, f.Times.Done = t0.Add(time.Duration(s)*time.Second), t0.Add(time.Duration(s+9)*time.Second)
		return f
	}
	page := func(id flow.ID, path string) *flow.Flow {
		f := answered(id, flow.OriginConsole, consoleHost, "203.0.113.10", "")
		f.Page, f.Request = "https://"+consoleHost+path, flow.Request{Method: "GET", URL: "https://" + consoleHost + path}
		return f
	}
	of := func(id flow.ID, op string) *flow.Flow {
		f := call(id, flow.OriginDirect, logs, op, "10.0.1.24")
		f.Page = "https://" + consoleHost + "/"
		return f
	}
	got := Run([]*flow.Flow{
		at(40, page(1, "/cloudwatch/home")), at(0, page(2, "/ec2/home")), at(1, of(3, "GetLogEvents")), at(41, of(4, "DescribeLogGroups")),
	}, t0.Add(time.Hour))
	want := []string{"CloudWatch › log groups: DescribeLogGroups", "EC2 › log events: GetLogEvents"}
	if len(got) != 1 || !slices.Equal(got[0].Screens, want) {
		t.Errorf("got %+v, want the screens %q", got, want)
	}
}

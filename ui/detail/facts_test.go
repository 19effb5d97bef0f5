package detail

import (
	"testing"
	"time"

	"detour/internal/flow"
	"detour/ui/flowtest"
	"detour/ui/pane"
	"detour/ui/text"
)

// TestGoldenDetail compares what is said of one flow, whole, as text.
func TestGoldenDetail(t *testing.T) {
	over, under := flowtest.Story(true), flowtest.Story(false)
	now := flowtest.At(13_300)

	denied := flowtest.Answered(over[1], 403, flowtest.Millis(92))
	denied.AWS.Error = &flow.AWSError{
		Code: "AccessDenied", Message: "User is not authorized to perform: ec2:DescribeInstances",
		Type: "Client",
	}
	denied.AWS.RequestID = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE"
	denied.AWS.Error.Deny, denied.AWS.ExtendedRequestID = "identity-based policy", "ext+id="
	denied.AWS.Also = []string{"ec2-instance-connect"}
	denied.Note, denied.Marked = "ask the admins", true

	nx := flowtest.TimedOut(over[3], flowtest.Millis(12))
	nx.Conn = &flow.Conn{
		ID: 9, Authority: "monitoring.ap-northeast-1.amazonaws.com:443",
		Resolution: flowtest.FailedLookup(flow.DNSNXDomain),
	}
	nx.Conn.Resolution.Name, nx.Conn.Resolution.Err = "monitoring.ap-northeast-1.amazonaws.com", "no such host"
	nx.Failure = &flow.Failure{Stage: flow.StageDNS, Message: "lookup monitoring.ap-northeast-1.amazonaws.com on 10.0.0.2:53: no such host"}

	tls := flowtest.TimedOut(over[6], flowtest.Millis(44))
	tls.Response, tls.Findings = nil, nil
	c := *over[6].Conn
	info := *c.TLS
	info.Outcome, info.Err = flow.TLSNameMismatch, "x509: certificate is valid for web.corp.example, not ec2.ap-northeast-1.amazonaws.com"
	info.Chain = []flow.Cert{{
		Subject: "CN=web.corp.example", Issuer: "CN=Corp CA",
		NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Names: []string{"web.corp.example"},
	}}
	c.TLS = &info
	tls.Conn, tls.Failure = &c, &flow.Failure{Stage: flow.StageTLS, Message: info.Err}

	for name, x := range map[string]struct {
		f  *flow.Flow
		fs []flow.Finding
	}{
		"timeout": {over[3], flowtest.Findings(false)}, "connecting": {under[3], flowtest.Findings(true)}, "answered": {
			over[1],
			nil,
		}, "reused": {over[2], nil},
		"denied": {denied, nil}, "relayed": {flowtest.WithBodies()[6], nil}, "nxdomain": {nx, nil}, "tls": {
			tls,
			nil,
		}, "tunnel": {over[7], nil}, "beacon": {over[8], nil},
		"proxied": {&flow.Flow{
			ID: 1, State: flow.StateWaiting, Request: flow.Request{
				Method: "GET",
				URL:    "https://h.example/",
			}, Times: flow.Times{Start: flowtest.Start},
			Conn: &flow.Conn{ID: 3, Authority: "h.example:443", UpstreamProxy: "proxy.corp.example:3128"},
		}, nil},
		"bare": {&flow.Flow{
			ID: 1, Source: flow.SourceHAR, State: flow.StateDone,
			Request: flow.Request{Method: "GET", URL: "https://h.example/"},
		}, nil},
	} {
		t.Run(name, func(t *testing.T) { golden(t, "detail-of-"+name, pane.PlainText(Facts(x.f, x.fs, now))) })
	}
}

func TestBar_staysOnItsScale(t *testing.T) {
	for _, c := range []struct{ from, took, total time.Duration }{
		{0, 0, time.Second},
		{time.Second, 0, time.Second},
		{0, time.Second, time.Second},
		{999 * time.Millisecond, time.Millisecond, time.Second},
		{-time.Second, time.Second, time.Second},
		{time.Second, time.Second, time.Second},
	} {
		if got := text.Width(bar(c.from, c.took, c.total)); got != barWidth {
			t.Errorf("bar(%v, %v, %v) has %d cells, want %d", c.from, c.took, c.total, got, barWidth)
		}
	}
}

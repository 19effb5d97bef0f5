package otlp

import (
	"net/netip"
	"testing"
	"time"

	"detour/internal/flow"
)

// TestBodies: who reads records one after the other sees which request it was, and what became of it.
func TestBodies(t *testing.T) {
	answered := unanswered(2)
	answered.Failure, answered.Response = nil, &flow.Response{Status: 403}
	tunnel := &flow.Flow{State: flow.StateDone, Request: flow.Request{Method: "CONNECT", URL: "[2001:db8::1]:443"}}
	odd := &flow.Flow{State: flow.StateDone, Request: flow.Request{Method: "<b>", URL: "https://a b/?token=s3cr3t"}, AWS: &flow.AWS{}}
	for _, x := range []struct {
		f    *flow.Flow
		want string
	}{
		{unanswered(1), "CloudWatch/GetMetricData monitoring.eu-west-1.amazonaws.com: connection_timeout"},
		{answered, "CloudWatch/GetMetricData monitoring.eu-west-1.amazonaws.com: 403"},
		{tunnel, "CONNECT 2001:db8::1"},
		{odd, "HTTP"},
	} {
		if got := decodedLogs(t, run, run.Flow(x.f, ""))[0].Body.GetStringValue(); got != x.want {
			t.Errorf("a flow's body is %q, want %q", got, x.want)
		}
	}
	for want, s := range map[string]*Summary{
		"CloudWatch/GetMetricData monitoring.eu-west-1.amazonaws.com: 1 request":            {Example: unanswered(1), Flows: 1},
		"CloudWatch/GetMetricData monitoring.eu-west-1.amazonaws.com: 6 requests, 2 failed": {Example: unanswered(1), Flows: 6, Failed: 2},
	} {
		if got := decodedLogs(t, run, run.Summary(s))[0].Body.GetStringValue(); got != want {
			t.Errorf("a summary's body is %q, want %q", got, want)
		}
	}
}

// TestSummaries_aPlaceHasItsOwn: if the machine moves to another network, or another nameserver answers,
// requests aren't summed up with those before.
func TestSummaries_aPlaceHasItsOwn(t *testing.T) {
	var s Summaries
	add := func(local, nameserver, address string) {
		f := unanswered(1)
		c, r := *f.Conn, *f.Conn.Resolution
		r.Nameserver, r.Addrs = netip.AddrPortFrom(netip.MustParseAddr(nameserver), 53), []netip.Addr{netip.MustParseAddr(address)}
		c.Resolution, c.Attempts = &r, []flow.DialAttempt{{Local: netip.AddrPortFrom(netip.MustParseAddr(local), 5)}}
		f.Conn = &c
		s.Add(f, func(f *flow.Flow) *flow.Flow { return f })
	}
	add("172.16.8.5", "10.0.0.2", "10.0.1.23")
	add("172.16.8.9", "10.0.0.2", "10.0.1.24") // the same
	add("172.16.9.5", "10.0.0.2", "10.0.1.23")
	add("172.16.8.5", "10.0.0.3", "10.0.1.23")
	add("172.16.8.5", "10.0.0.2", "203.0.113.9")
	noConn := unanswered(1)
	noConn.Conn = nil
	s.Add(noConn, func(f *flow.Flow) *flow.Flow { return f })
	places := make(map[place]int)
	for _, x := range s.Until(began.Add(time.Hour)) {
		places[placeOf(x.Example.Conn)] += x.Flows
	}
	if len(places) != 5 || places[place{"172.16.8.0", "10.0.0.2", "private"}] != 2 || places[place{}] != 1 {
		t.Errorf("%v", places)
	}
}

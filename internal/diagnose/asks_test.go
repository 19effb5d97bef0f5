package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/diagnose/nextstep"
	"detour/internal/flow"
)

func TestRun_asksNameTheFactsOfTheFinding(t *testing.T) {
	f := Run([]*flow.Flow{call(1, flow.OriginDirect, logs, "DescribeLogGroups", "10.0.1.24", "10.0.2.24")}, t0.Add(time.Hour))[0]
	want := []flow.Ask{
		{Of: flow.AccountOwner, What: "In the security group of the interface endpoints for com.amazonaws.ap-northeast-1.logs, " +
			"add an inbound rule for TCP port 443 from 172.16.8.5, or from its address after NAT."},
		{Of: flow.NetworkTeam, What: "If the security group already allows it: " +
			"check the firewalls and routes from 172.16.8.5 to 10.0.1.24 and 10.0.2.24 (TCP port 443), and back."},
	}
	if len(f.Asks) != len(want) || f.Asks[0] != want[0] || f.Asks[1] != want[1] {
		t.Errorf("got %+v\nwant %+v", f.Asks, want)
	}
}

func TestRun_asksNothingOnceItIsResolved(t *testing.T) {
	flows := []*flow.Flow{call(1, flow.OriginDirect, logs, "A", "10.0.1.24"), ok(2, logs, "10.0.1.24", "A")}
	if f := Run(flows, t0.Add(time.Hour))[0]; !f.Resolved || f.Asks != nil {
		t.Errorf("resolved %v, asks %+v", f.Resolved, f.Asks)
	}
}

func TestAsks_whatIsUnknownIsSaidInWords(t *testing.T) {
	got := group{Group: nextstep.Group{Set: []*flow.Flow{{Request: flow.Request{URL: "https://" + logs + "/"}}}}}.asks([]flow.Ask{
		{What: "%h %a %f %n %e %p %o %r"},
	})[0].What
	if !strings.HasPrefix(got, logs+" ") || strings.Contains(got, "%") || strings.Contains(got, "  ") {
		t.Errorf("got %q", got)
	}
}

package diagnose

import (
	"testing"
	"time"

	"detour/internal/flow"
)

func TestRun_manyFailuresOfOneKindAreOneLine(t *testing.T) {
	var flows []*flow.Flow
	for i := range flow.ID(60) {
		f := call(i+1, flow.OriginDirect, logs, "DescribeLogGroups")
		f.Source, f.Conn, f.Request.URL = flow.SourceHAR, &flow.Conn{}, "https://"+logs+"/"
		f.Failure = &flow.Failure{Stage: flow.StageDial, Kind: flow.KindRefused, Message: "net::ERR_CONNECTION_REFUSED"}
		f.Times.Done = f.Times.Start.Add(time.Duration(50+i) * time.Millisecond)
		flows = append(flows, f)
	}
	found := Run(flows, flows[0].Times.Done.Add(time.Hour))
	if len(found) == 0 || found[0].Code != "connect-refused" {
		t.Fatalf("got %+v", found)
	}
	const want = logs + ": net::ERR_CONNECTION_REFUSED after 50 ms to 109 ms"
	n := 0
	for _, b := range found[0].Because {
		if b == want {
			n++
		}
	}
	if n != 1 || len(found[0].Because) > 6 {
		t.Errorf("%d lines of evidence, %d of them %q: %q", len(found[0].Because), n, want, found[0].Because)
	}
}

package intake

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/filter"
	"detour/internal/flow"
)

// TestWhere_leavesOutNothingThatPasses: what the database leaves out, the filter
// would have, too, and it does leave out.
func TestWhere_leavesOutNothingThatPasses(t *testing.T) {
	f, err := disk.Create(filepath.Join(t.TempDir(), "x.detour"), disk.Header{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var flows []*flow.Flow
	for i, host := range []string{"logs.eu-central-1.amazonaws.com", "Monitoring.eu-central-1.amazonaws.com", "é.example"} {
		for j, status := range []int{200, 403, 0} {
			x := &flow.Flow{
				ID: flow.ID(10*i + j + 1), Rev: 1, State: flow.StateDone, Origin: flow.OriginDirect, Request: flow.Request{Method: "POST", URL: "https://" + host + "/"}, //nolint:gosec // a count
				Conn: &flow.Conn{Resolution: &flow.Resolution{Outcome: flow.DNSOK}}, Note: []string{"", "Look É"}[j%2],
			}
			if status == 0 {
				x.Failure = &flow.Failure{Stage: flow.StageDial}
			} else {
				x.Response = &flow.Response{Status: status}
			}
			if status == 403 {
				x.AWS, x.Origin = &flow.AWS{Error: &flow.AWSError{Code: "AccessDenied"}}, flow.OriginConsole
			}
			flows = append(flows, x)
		}
	}
	for i, change := range []func(x *flow.Flow){
		func(x *flow.Flow) { x.Reused = true },
		func(x *flow.Flow) { x.Conn = &flow.Conn{Resolution: &flow.Resolution{}} },
	} {
		x := *flows[0]
		x.ID = flow.ID(100 + i) //nolint:gosec // a count
		change(&x)
		flows = append(flows, &x)
	}
	if err := f.Write(disk.Batch{Flows: flows}); err != nil {
		t.Fatal(err)
	}
	for text, narrows := range map[string]bool{
		"origin:direct": true, "status>=400": true, "status:4xx": false, "host:MONITORING": true, "host=logs.eu-central-1.amazonaws.com": true, "host:é": false,
		"code:denied": true, "failure:dial": true, "note:look": true, "dns:reused": false, "tls:reused": false, "dns:pending": false, "note:É": false, "dns:ok host:logs status=200": true, "host:logs or status:200": false,
		"-host:logs": false, "host!=x": false, "host~^logs": false, "method:post host:logs": true, "amazonaws host:logs": true,
	} {
		keep, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		q := disk.Query{Max: 100}
		q.Where, q.Args = where(keep)
		var got, want []flow.ID
		read := 0
		_, err = f.Flows(context.Background(), q, func(x *flow.Flow) error {
			read++
			if keep.Match(x, time.Time{}) {
				got = append(got, x.ID)
			}
			return nil
		})
		for _, x := range flows {
			if keep.Match(x, time.Time{}) {
				want = append(want, x.ID)
			}
		}
		if err != nil || !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s (%s): got %v, want %v (%v)", text, q.Where, got, want, err)
		}
		if narrows != (read < len(flows)) {
			t.Errorf("%s: the database gives %d of %d flows", text, read, len(flows))
		}
	}
}

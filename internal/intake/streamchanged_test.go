package intake_test

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/fulltest"
)

// A diagnose.Stream finds what Run does in recorded flows of which a few facts are changed: a status,
// a time, why a flow failed, its host or its operation. Fewer changes don't notice a wrong status.
func TestStream_findsWhatRunDoesInChangedFlows(t *testing.T) {
	tables := loadTables(t)
	files := recordedHARs(t, judgement)
	random := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // the same each time
	differ := 0                           // judgements that a change changed
	for _, path := range files {
		c := read(t, tables, path, true)
		before := diagnose.Run(c.Flows, c.Last)
		for range fulltest.Or(40, 1000) {
			flows := append([]*flow.Flow{}, c.Flows...)
			for range 1 + random.IntN(8) {
				i := random.IntN(len(flows))
				flows[i] = changed(random, flows[i], flows[random.IntN(len(flows))])
			}
			want := diagnose.Run(flows, c.Last)
			s := diagnose.NewStream(c.Last)
			for _, f := range flows {
				s.Add(f)
			}
			if got := s.Findings(nil); !reflect.DeepEqual(want, got) {
				t.Fatalf("%s (-Run +Stream):\n%s", path, cmp.Diff(want, got))
			}
			if !reflect.DeepEqual(before, want) {
				differ++
			}
		}
	}
	if t.Logf("%d judgements differ from those of the files", differ); differ < len(files) {
		t.Error("the changes are too small to show anything")
	}
}

// changed returns a flow with another status, time, failure, host or operation: of other, or at random.
func changed(random *rand.Rand, f, other *flow.Flow) *flow.Flow {
	x := *f
	status := []int{200, 204, 304, 403, 404, 429, 500, 503}[random.IntN(8)]
	switch random.IntN(7) {
	case 0:
		x.Response, x.Failure = &flow.Response{Status: status}, nil
	case 1:
		if random.IntN(2) == 0 { // otherwise, the response is incomplete
			x.Response = nil
		}
		x.Failure = &flow.Failure{
			Stage: []flow.Stage{flow.StageDNS, flow.StageDial, flow.StageTLS, flow.StageWait, flow.StageClient}[random.IntN(5)],
			Kind:  []flow.FailureKind{flow.KindAborted, flow.KindNoResponse, flow.KindNeverSent, flow.KindPending}[random.IntN(4)],
		}
	case 2:
		by := time.Duration(random.Int64N(int64(40 * time.Second)))
		x.Times.FirstByte, x.Times.Done = f.Times.FirstByte.Add(by), f.Times.Done.Add(by)
	case 3:
		by := time.Duration(random.Int64N(int64(2*time.Minute))) - time.Minute
		x.Times = flow.Times{Start: f.Times.Start.Add(by), FirstByte: f.Times.FirstByte.Add(by), Done: f.Times.Done.Add(by)}
	case 4:
		x.Request, x.Conn, x.AWS, x.Origin = other.Request, other.Conn, other.AWS, other.Origin
	case 5:
		x.Response, x.Failure = other.Response, other.Failure
	case 6:
		if x.Response != nil {
			r := *x.Response
			r.Status = status
			x.Response = &r
		}
	}
	return &x
}

package capture

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

func pending(id flow.ID, rev uint32) flow.Flow {
	return flow.Flow{ID: id, Rev: rev, State: flow.StateConnecting}
}

func final(id flow.ID, rev uint32) flow.Flow {
	return flow.Flow{ID: id, Rev: rev, State: flow.StateDone}
}

func TestPut_keepsTheNewestRevisionAndIgnoresLateOnes(t *testing.T) {
	s := New(Options{})
	s.Put(pending(1, 2))
	s.Put(pending(1, 1)) // late
	if got := s.Get(1).Rev; got != 2 {
		t.Errorf("after a late revision: rev %d, want 2", got)
	}
	s.Put(final(1, 3))
	s.Put(pending(1, 4)) // after the end
	if f := s.Get(1); !f.Final() || f.Rev != 3 {
		t.Errorf("after the end: rev %d final %v, want 3 true", f.Rev, f.Final())
	}
	if got := s.Stats(); got != (Stats{Flows: 1}) {
		t.Errorf("stats %+v, want one flow, none pending", got)
	}
}

func TestMark_aMarkOnAPendingFlowStaysAndLosesNoRevision(t *testing.T) {
	s := New(Options{})
	s.Put(pending(1, 1))
	if err := s.Mark(1); err != nil {
		t.Fatal(err)
	}
	s.Put(final(1, 2))
	if f := s.Get(1); !f.Final() || !f.Marked || f.Rev != 3 {
		t.Errorf("final %v marked %v rev %d, want the final revision, marked, as the third", f.Final(), f.Marked, f.Rev)
	}
	if err := s.Mark(1); err != nil || s.Get(1).Marked {
		t.Errorf("unmark: %v", err)
	}
	if s.Mark(2) == nil {
		t.Error("a flow that isn't there was marked")
	}
}

func TestFlows_areInOrderOfIDHoweverTheyCame(t *testing.T) {
	s := New(Options{})
	for _, id := range []flow.ID{3, 1, 2, 5, 4} {
		s.Put(final(id, 1))
	}
	for i, f := range s.Flows() {
		if f.ID != flow.ID(i+1) {
			t.Fatalf("flow %d has ID %d", i, f.ID)
		}
	}
}

func TestPut_evictsTheOldestFinalFlowsAndSparesPendingOnes(t *testing.T) {
	s := New(Options{Max: 32})
	s.Put(pending(1, 1))
	for id := flow.ID(2); id <= 100; id++ {
		s.Put(final(id, 1))
	}
	if s.Get(1) == nil {
		t.Error("the pending flow was evicted")
	}
	if s.Get(2) != nil {
		t.Error("the oldest final flow is still there")
	}
	st := s.Stats()
	if st.Flows > 34 || st.Flows+st.Evicted != 100 || st.Pending != 1 {
		t.Errorf("stats %+v, want at most 34 flows, 100 in all, 1 pending", st)
	}
}

func TestPut_evictsWhatNobodyLooksForBeforeOlderCalls(t *testing.T) {
	s := New(Options{Max: 32})
	origin := func(id flow.ID) flow.Origin {
		if id%2 == 0 {
			return flow.OriginStatic
		}
		return flow.OriginDirect
	}
	for id := flow.ID(1); id <= 35; id++ {
		f := final(id, 1)
		f.Origin = origin(id)
		if id == 4 {
			f.Failure = &flow.Failure{Stage: flow.StageDial}
		}
		s.Put(f)
	}
	if s.Stats().Evicted == 0 {
		t.Fatal("nothing was evicted")
	}
	for id := flow.ID(1); id <= 10; id++ {
		if kept := s.Get(id) != nil; kept != (id%2 == 1 || id == 4 || id == 10) {
			t.Errorf("flow %d, %s: kept %v", id, origin(id), kept)
		}
	}
}

func TestPut_aMarkedFlowIsNeverEvicted(t *testing.T) {
	s := New(Options{Max: 16})
	s.Put(final(1, 1))
	if err := s.Mark(1); err != nil {
		t.Fatal(err)
	}
	for id := flow.ID(2); id <= 200; id++ {
		s.Put(final(id, 1))
	}
	if s.Get(1) == nil || s.Get(2) != nil {
		t.Errorf("the marked flow is kept: %v, the one after it: %v", s.Get(1) != nil, s.Get(2) != nil)
	}
}

func TestPut_tagsRedactsAndJudgesBeforeAnythingIsSeen(t *testing.T) {
	tags := 0
	s := New(Options{Intake: intake{
		tag: func(f *flow.Flow) { tags++; f.Origin = flow.OriginDirect },
		redact: func(f *flow.Flow) {
			gone := []flow.Header{{Name: "authorization", Value: "gone"}}
			f.Request.Headers = gone
			if f.Response != nil {
				f.Response = &flow.Response{Headers: gone, BodySize: f.Response.BodySize}
			}
		},
		codes: func(*flow.Flow) []string { return []string{"code"} },
	}})
	sub := s.Subscribe(true)
	defer sub.Close()
	secret := []flow.Header{{Name: "authorization", Value: "secret"}}
	f := pending(1, 1)
	f.Request.Headers = secret
	for rev := uint32(1); rev <= 5; rev++ {
		f.Rev = rev
		s.Put(f)
	}
	f.Response = &flow.Response{Headers: secret}
	for rev := uint32(6); rev <= 8; rev++ {
		f.Rev, f.Response = rev, &flow.Response{Headers: secret, BodySize: int64(rev)}
		if rev == 8 {
			f.State, f.Request.BodySize = flow.StateDone, 42
		}
		s.Put(f)
	}
	for _, g := range sub.Next(context.Background()) {
		if v := flow.Get(g.Request.Headers, "authorization"); v != "gone" || g.Origin != flow.OriginDirect {
			t.Errorf("rev %d: authorization %q origin %q, want it redacted and tagged", g.Rev, v, g.Origin)
		}
		if g.Response != nil && (flow.Get(g.Response.Headers, "authorization") != "gone" || g.Response.BodySize != int64(g.Rev)) {
			t.Errorf("rev %d: response %+v", g.Rev, g.Response)
		}
		if want := g.Final(); (len(g.Findings) == 1) != want {
			t.Errorf("rev %d: findings %v", g.Rev, g.Findings)
		}
	}
	if tags != 2 {
		t.Errorf("tagged %d times, want once for the request and once for the response", tags)
	}
	if got := s.Get(1).Request.BodySize; got != 42 {
		t.Errorf("%d bytes sent, want 42", got)
	}
}

func TestSubscription_deliversFinalFlowsOnlyUnlessAskedForEvery(t *testing.T) {
	s := New(Options{})
	finals, every := s.Subscribe(false), s.Subscribe(true)
	s.Put(pending(1, 1))
	s.Put(pending(1, 2))
	s.Put(final(1, 3))
	finals.Close()
	every.Close()
	if got := len(finals.Next(t.Context())); got != 1 {
		t.Errorf("finals: %d, want 1", got)
	}
	if got := len(every.Next(t.Context())); got != 3 {
		t.Errorf("every: %d, want 3", got)
	}
	if got := finals.Next(t.Context()); got != nil {
		t.Errorf("after the end: %v, want nil", got)
	}
}

func TestSubscription_ofBareFlowsHasNoHeaders(t *testing.T) {
	s := New(Options{})
	sub := s.SubscribeBare()
	f := flow.Flow{ID: 1, Rev: 1, Request: flow.Request{URL: "https://a.example/", Headers: []flow.Header{{Name: "a", Value: "b"}}}}
	s.Put(f)
	f.Rev, f.State, f.Response = 2, flow.StateDone, &flow.Response{Status: 200, Headers: []flow.Header{{Name: "c", Value: "d"}}}
	s.Put(f)
	sub.Close()
	got := sub.Next(t.Context())
	if len(got) != 1 || !got[0].Final() || got[0].Response.Status != 200 || len(got[0].Request.Headers)+len(got[0].Response.Headers) > 0 {
		t.Fatalf("it has %v", got)
	}
	if whole := s.Get(1); len(whole.Request.Headers) != 1 || len(whole.Response.Headers) != 1 {
		t.Errorf("the store has lost headers: %v", whole)
	}
}

func TestSubscription_aStuckReaderLosesTheOldestAndIsToldHowMany(t *testing.T) {
	s := New(Options{Max: 16})
	sub := s.Subscribe(false)
	const n = queueMax + 10
	for id := flow.ID(1); id <= n; id++ {
		s.Put(final(id, 1))
	}
	sub.Close()
	got := sub.Next(t.Context())
	if len(got)+sub.Dropped() != n || sub.Dropped() == 0 {
		t.Errorf("%d delivered, %d dropped of %d", len(got), sub.Dropped(), n)
	}
	if last := got[len(got)-1].ID; last != n {
		t.Errorf("last is %d, want the newest, %d", last, n)
	}
}

// What is learned of a flow after the end isn't delivered. The flow is.
func TestSubscription_deliversWhatWasQueuedThoughItChangesAfterTheEnd(t *testing.T) {
	for name, n := range map[string]int{"flows that the queue holds": 1, "more than it holds": holdMax + 1} {
		t.Run(name, func(t *testing.T) {
			s := New(Options{})
			sub := s.Subscribe(false)
			for id := range flow.ID(n) {
				s.Put(final(id+1, 1))
			}
			if err := s.Mark(1); err != nil {
				t.Fatal(err)
			}
			sub.Close()
			if err := s.Mark(flow.ID(n)); err != nil { // also a second one
				t.Fatal(err)
			}
			got := make(map[flow.ID]int)
			for fs := sub.Next(t.Context()); fs != nil; fs = sub.Next(t.Context()) {
				for _, f := range fs {
					got[f.ID]++
				}
			}
			if len(got) != n || got[1] != 1 || got[flow.ID(n)] != 1 || sub.Dropped() != 0 {
				t.Errorf("%d flows of %d, the first %d times, the last %d times, %d dropped", len(got), n, got[1], got[flow.ID(n)], sub.Dropped())
			}
		})
	}
}

func TestSubscription_nextEndsWithItsContext(t *testing.T) {
	sub := New(Options{}).Subscribe(false)
	defer sub.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if got := sub.Next(ctx); got != nil {
		t.Errorf("got %v, want nil", got)
	}
}

func TestStore_concurrentUse(t *testing.T) {
	s := New(Options{Max: 2000})
	sub := s.Subscribe(false)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 200 {
				id := flow.ID(w*200 + i + 1)
				s.Put(pending(id, 1))
				s.Put(final(id, 2))
				s.Flows()
				s.Version()
			}
		})
	}
	wg.Wait()
	sub.Close()
	if got := len(sub.Next(t.Context())); got != 1600 {
		t.Errorf("%d final flows delivered, want 1600", got)
	}
}

func BenchmarkPut(b *testing.B) {
	s := New(Options{})
	b.ReportAllocs()
	for i := range b.N {
		id := flow.ID(i + 1)
		s.Put(pending(id, 1))
		s.Put(final(id, 2))
	}
}

func TestLearn_addsToTheFlowsThatMadeAConnectionAndNothingElseChanges(t *testing.T) {
	s := New(Options{Intake: intake{codes: func(f *flow.Flow) []string { return []string{fmt.Sprint(len(f.Later))} }}})
	sub := s.Subscribe(false)
	over := func(id, conn flow.ID, change func(f *flow.Flow)) flow.Flow {
		f := final(id, 1)
		f.Conn = &flow.Conn{ID: conn, Authority: "x:443"}
		if change != nil {
			change(&f)
		}
		return f
	}
	reused := func(f *flow.Flow) { f.Reused = true }
	unused := func(f *flow.Flow) { f.Unused = []*flow.Conn{{ID: 7}} }
	pending := func(f *flow.Flow) { f.State = flow.StateWaiting }
	s.Put(over(1, 7, nil))
	s.Put(over(2, 8, nil))
	s.Put(over(3, 7, reused))
	s.Put(over(4, 8, unused))
	s.Put(over(5, 7, pending))
	before := s.Get(1)
	first := flow.Later{Kind: flow.LaterLoser, Outcome: flow.DialTimeout, Took: 3 * time.Second}
	second := flow.Later{Kind: flow.LaterLoser, Outcome: flow.DialCanceled, Took: 6 * time.Second}
	s.Learn(7, first)
	s.Learn(7, second)
	done := over(5, 7, nil)
	done.Rev = 2
	s.Put(done)
	s.Put(over(6, 7, nil)) // its first revision comes late
	for id, want := range map[flow.ID]int{1: 2, 2: 0, 3: 0, 4: 2, 5: 2, 6: 2} {
		f := s.Get(id)
		if len(f.Later) != want || f.Findings[0] != fmt.Sprint(want) || want == 2 && (f.Later[0] != first || f.Later[1] != second) {
			t.Errorf("flow %d: %+v, findings %v, want %d", id, f.Later, f.Findings, want)
		}
	}
	after := *s.Get(1)
	if after.Later, after.Findings, after.Rev = nil, before.Findings, before.Rev; !reflect.DeepEqual(&after, before) {
		t.Errorf("flow 1 was\n%+v, is\n%+v", before, after)
	}
	sub.Close()
	var revs []uint32
	for _, f := range sub.Next(t.Context()) {
		if f.ID == 1 {
			revs = append(revs, f.Rev)
		}
	}
	if len(revs) != 1 || revs[0] != 3 { // the first ones were read after the last had come
		t.Errorf("flow 1 was delivered as revisions %v", revs)
	}
}

func TestLearn_isBounded(t *testing.T) {
	s := New(Options{})
	f := final(1, 1)
	f.Conn = &flow.Conn{ID: 1}
	s.Put(f)
	for i := range flow.ID(2000) {
		s.Learn(1, flow.Later{Took: time.Duration(i)})
		s.Learn(i+2, flow.Later{})
	}
	if n := len(s.Get(1).Later); n != flow.MaxLater || len(s.later) > maxLater || len(s.later[1]) > flow.MaxLater {
		t.Errorf("%d of the flow, %d connections", n, len(s.later))
	}
}

// A body may come after the head that the flow was tagged by: then it is tagged
// again, with what the source has, and the body itself isn't kept.
func TestPut_aBodyThatComesLaterIsTaggedAndNotKept(t *testing.T) {
	var tagged []string
	s := New(Options{Intake: intake{
		tag: func(f *flow.Flow) {
			answer := ""
			if f.Response != nil {
				answer = string(f.Response.Body)
			}
			tagged = append(tagged, string(f.Request.Body)+"|"+answer)
			f.CredentialVend = true
		},
		redact: func(f *flow.Flow) {
			if f.Request.Body != nil || f.Response != nil && f.Response.Body != nil {
				t.Error("a body was left to be kept")
			}
		},
	}})
	f := pending(1, 1)
	s.Put(f)
	f.Rev, f.Request.Body = 2, []byte("Action=X")
	s.Put(f)
	f.Rev, f.Request.BodySize = 3, 8
	s.Put(f)
	f.Rev, f.Response = 4, &flow.Response{Status: 400}
	s.Put(f)
	f.Rev, f.State, f.Response = 5, flow.StateDone, &flow.Response{Status: 400, Body: []byte("<Code>")}
	s.Put(f)
	if want := []string{"|", "Action=X|", "Action=X|", "Action=X|<Code>"}; !slices.Equal(tagged, want) {
		t.Errorf("tagged with %q, want %q", tagged, want)
	}
	if got := s.Get(1); got.Request.Body != nil || got.Response.Body != nil || got.Request.BodySize != 8 || !got.CredentialVend {
		t.Errorf("kept %+v, response %+v", got.Request, got.Response)
	}
	if f.Response.Body == nil {
		t.Error("the source's own response was written to")
	}
}

func TestPut_aFlowTellsWhatAnEarlierOneWasFor(t *testing.T) {
	s := New(Options{Intake: intake{prepared: func(f *flow.Flow) Prepared {
		if f.ID == 2 {
			return Prepared{By: 1, Names: flow.CallNames{Operation: "GetMetricData"}}
		}
		return Prepared{}
	}}})
	sub := s.Subscribe(true)
	defer sub.Close()
	preflight := final(1, 1)
	preflight.AWS = &flow.AWS{RequestID: "its own"}
	s.Put(preflight)
	s.Put(final(2, 1))
	if f := s.Get(1); f.AWS.Operation != "GetMetricData" || f.AWS.RequestID != "its own" || f.Rev != 2 {
		t.Errorf("rev %d, %+v", f.Rev, f.AWS)
	}
	s.Put(final(1, 1)) // late
	if f := s.Get(1); f.AWS.Operation != "GetMetricData" {
		t.Error("a late revision undid it")
	}
}

func TestNoteAndAddStep_takeSecretsOut(t *testing.T) {
	s := New(Options{Intake: intake{text: func(s string) string { return "<" + s + ">" }}})
	s.Put(final(1, 1))
	if err := s.Note(1, "token"); err != nil {
		t.Fatal(err)
	}
	s.AddStep(flow.Step{Text: "password"})
	if note, step := s.Get(1).Note, s.Steps()[0].Text; note != "<token>" || step != "<password>" {
		t.Errorf("note %q, step %q", note, step)
	}
}

func TestStore_findingsSoFarStayUntilAFlowIsFinal(t *testing.T) {
	s := New(Options{})
	sub := s.Subscribe(true)
	defer sub.Close()
	f := flow.Flow{ID: 1, Rev: 1, State: flow.StateConnecting}
	s.Put(f)
	s.SetCodes(s.Flows(), map[flow.ID][]string{1: {"connect-timeout"}})
	s.SetCodes(s.Flows(), map[flow.ID][]string{1: {"connect-timeout"}}) // no news
	f.Rev = 2
	s.Put(f)
	if got := s.Get(1); got.Rev != 3 || len(got.Findings) != 1 {
		t.Errorf("revision %d with %q, want the third with the finding so far", got.Rev, got.Findings)
	}
	f.Rev, f.State = 3, flow.StateDone
	judged := s.Flows()
	s.Put(f)
	s.SetCodes(judged, map[flow.ID][]string{1: {"connect-timeout"}})
	if got := s.Get(1); got.Rev != 4 || got.Findings != nil {
		t.Errorf("revision %d with %q: what was judged was another", got.Rev, got.Findings)
	}
	s.SetCodes(s.Flows(), map[flow.ID][]string{1: {"nothing-answers"}})
	if got := s.Get(1); got.Rev != 5 || len(got.Findings) != 1 {
		t.Errorf("revision %d with %q, want what all flows show together", got.Rev, got.Findings)
	}
}

// TestStore_setsTheCallsOfPreflights: only of those that have ended and whose call isn't known.
func TestStore_setsTheCallsOfPreflights(t *testing.T) {
	s := New(Options{})
	of := &flow.PreflightOf{Operations: []string{"GetMetricData"}, By: flow.PreflightByBeacon}
	s.Put(flow.Flow{ID: 1, Rev: 1, State: flow.StateDone, AWS: &flow.AWS{Service: "monitoring"}})
	s.Put(flow.Flow{ID: 2, Rev: 1, State: flow.StateDone, AWS: &flow.AWS{Service: "monitoring", Operation: "DescribeAlarms"}})
	s.Put(flow.Flow{ID: 3, Rev: 1, State: flow.StateConnecting, AWS: &flow.AWS{Service: "monitoring"}})
	published := s.Get(1)
	for range 2 { // the same again changes nothing
		s.SetPreflights(map[flow.ID]*flow.PreflightOf{1: of, 2: of, 3: of, 4: of})
	}
	if f := s.Get(1); !f.AWS.PreflightOf.Equal(of) || f.Rev != 2 || published.AWS.PreflightOf != nil {
		t.Errorf("revision %d: %+v; the one before: %+v", f.Rev, f.AWS, published.AWS)
	}
	for id := flow.ID(2); id < 4; id++ {
		if f := s.Get(id); f.AWS.PreflightOf != nil || f.Rev != 1 {
			t.Errorf("%d: revision %d: %+v", id, f.Rev, f.AWS)
		}
	}
	s.SetPreflights(map[flow.ID]*flow.PreflightOf{1: nil}) // what else came makes it uncertain
	if f := s.Get(1); f.AWS.PreflightOf != nil || f.Rev != 3 {
		t.Errorf("revision %d: %+v", f.Rev, f.AWS)
	}
}

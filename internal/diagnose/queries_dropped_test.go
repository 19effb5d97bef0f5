package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// lookingUp is a call whose lookup had these queries and found no address.
func lookingUp(outcome flow.DNSOutcome, took time.Duration, queries ...flow.DNSQuery) *flow.Flow {
	return with(call(1, flow.OriginDirect, logs, "A"), func(f *flow.Flow) {
		f.Conn.Attempts, f.Conn.Start = nil, t0
		f.Conn.Resolution = &flow.Resolution{Name: logs, Outcome: outcome, Source: flow.SourceDNS, Start: t0, Took: took, Queries: queries}
		f.Failure = &flow.Failure{Stage: flow.StageDNS, Message: "no answer"}
		if outcome == flow.DNSPending {
			f.State, f.Failure = flow.StateConnecting, nil
		}
	})
}

func TestQueriesDropped_aLookupThatHangsInOneTypeIsNotAnUnreachableNameserver(t *testing.T) {
	const s = time.Second
	noData := flow.DNSQuery{Type: "AAAA", RCode: "NOERROR", Took: time.Millisecond}
	for name, test := range map[string]struct {
		f    *flow.Flow
		want string
	}{
		"still in progress":               {lookingUp(flow.DNSPending, 0, flow.DNSQuery{Type: "A", Took: 1}, noData), "dns-queries-dropped"},
		"still in progress, and silent":   {lookingUp(flow.DNSPending, 0), "dns-failed"},
		"given up":                        {lookingUp(flow.DNSTimeout, 10*s, flow.DNSQuery{Type: "A", Took: 5 * s}, noData), "dns-queries-dropped"},
		"no nameserver answered anything": {lookingUp(flow.DNSTimeout, 10*s, flow.DNSQuery{Type: "A", Took: 5 * s}), "dns-failed"},
		"the second nameserver knows no address": {lookingUp(flow.DNSNoData, 5*s, flow.DNSQuery{Type: "A", Took: 5 * s}, noData,
			flow.DNSQuery{Type: "A", RCode: "NOERROR", Took: time.Millisecond}), "dns-failed"},
	} {
		found := Run([]*flow.Flow{test.f}, t0.Add(3500*time.Millisecond))
		if len(found) != 1 || found[0].Code != test.want || found[0].Level != flow.LevelProblem {
			t.Errorf("%s: %v, want %s", name, codesOf(found), test.want)
		} else if test.want == "dns-queries-dropped" && !strings.Contains(strings.Join(found[0].Because, " "), "query for A") {
			t.Errorf("%s: %q", name, found[0].Because)
		}
	}
}

func TestQueriesDropped_countsAQueryThatWasSentAfterTheOtherAnswer(t *testing.T) {
	f := with(ok(1, logs, "203.0.113.5", "A"), func(f *flow.Flow) {
		f.Conn.Resolution.Took, f.Conn.Resolution.Queries = 1001*time.Millisecond, []flow.DNSQuery{
			{Type: "A", RCode: "NOERROR", Took: time.Millisecond}, {Type: "AAAA", Took: 999 * time.Millisecond},
		}
	})
	if found := Run([]*flow.Flow{f}, t0.Add(time.Hour)); len(found) != 1 || found[0].Code != "dns-queries-dropped" {
		t.Errorf("%v", codesOf(found))
	}
}

package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// What a run's own end canceled is judged as what it was then: in progress. Silence is
// silence, but a request may have been answered a moment later.
func TestRunEnded_isNoFailureOfWhatWasInProgress(t *testing.T) {
	const host = "logs.ap-northeast-1.amazonaws.com"
	for name, v := range map[string]struct {
		ip   string
		make func(f *flow.Flow, took time.Duration)
		want string
	}{
		"connecting": {"10.0.1.9", func(f *flow.Flow, took time.Duration) {
			f.Conn.Attempts[0].Outcome, f.Conn.Attempts[0].Took = flow.DialCanceled, took
		}, "private-endpoint-unreachable"},
		"handshaking": {"203.0.113.9", func(f *flow.Flow, took time.Duration) {
			f.Conn.Attempts[0].Outcome, f.Conn.Attempts[0].Took = flow.DialConnected, time.Millisecond
			f.Conn.TLS = &flow.TLSInfo{Outcome: flow.TLSError, Start: f.Times.Start, Took: took}
		}, "tls-failed"},
		"waiting": {"203.0.113.9", func(f *flow.Flow, _ time.Duration) {
			f.Conn.Attempts[0].Outcome, f.Conn.Attempts[0].Took = flow.DialConnected, time.Millisecond
			f.Conn.TLS = &flow.TLSInfo{Outcome: flow.TLSOK, Start: f.Times.Start, Took: time.Millisecond}
			f.Times.GotConn, f.Times.WroteRequest = f.Times.Start, f.Times.Start
		}, "calls-pending"},
	} {
		for _, took := range []time.Duration{time.Second, 5 * time.Second} {
			f := call(1, flow.OriginDirect, host, "X", v.ip)
			f.Source = flow.SourceProxy
			f.Times.Done = f.Times.Start.Add(took)
			f.Failure = &flow.Failure{Stage: flow.StageClient, Kind: flow.KindPending, Message: "detour was stopped"}
			v.make(f, took)
			want := v.want
			found := Run([]*flow.Flow{f}, f.Times.Done)
			if took < Patience {
				if len(found) > 0 {
					t.Errorf("%s for %v: %+v", name, took, found)
				}
				continue
			}
			if want == "calls-pending" && len(found) > 0 && strings.Contains(found[0].Try[0].Text+found[0].Asks[0].What, "ave the") {
				t.Errorf("detour's own record has no HAR to save: %+v", found[0])
			}
			if len(found) == 0 || found[0].Code != want || want == "calls-pending" && found[0].Level != flow.LevelNotice {
				t.Errorf("%s for %v: %+v, want %s", name, took, found, want)
			}
		}
	}
}

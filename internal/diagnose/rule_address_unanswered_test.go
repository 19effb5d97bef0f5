package diagnose

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

var loser = netip.MustParseAddrPort("10.0.1.9:443")

func later(o flow.DialOutcome, took time.Duration) []flow.Later {
	return []flow.Later{{Kind: flow.LaterLoser, Addr: loser, Outcome: o, Took: took}}
}

// An address that lost a race is dead only if it was tried alone and didn't respond for as
// long as Patience, or failed. The last word on it counts.
func TestAddressUnanswered_aLoserIsJudgedByWhatItDidAlone(t *testing.T) {
	for name, v := range map[string]struct {
		later []flow.Later
		found bool
	}{
		"nothing is known":                {nil, false},
		"no response for 3 s":             {later(flow.DialTimeout, 3*time.Second), true},
		"… and for 10 s":                  {slices.Concat(later(flow.DialTimeout, 3*time.Second), later(flow.DialTimeout, 10*time.Second)), true},
		"… and when the run ended":        {slices.Concat(later(flow.DialTimeout, 3*time.Second), later(flow.DialCanceled, 6500*time.Millisecond)), true},
		"the run ended before":            {later(flow.DialCanceled, 2*time.Second), false},
		"it refuses":                      {later(flow.DialRefused, time.Millisecond), true},
		"it is only slow":                 {slices.Concat(later(flow.DialTimeout, 3*time.Second), later(flow.DialConnected, 5*time.Second)), false},
		"it responds":                     {later(flow.DialConnected, 40*time.Millisecond), false},
		"the user's probe of another one": {[]flow.Later{{Kind: flow.LaterProbe, Outcome: flow.DialTimeout, Took: 4 * time.Second}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := answered(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "10.0.2.9", "X")
			w := *f.Conn.Winner()
			w.Took = 5 * time.Millisecond
			lost := flow.DialAttempt{Addr: loser, Outcome: flow.DialLost, Start: w.Start, Took: 300 * time.Millisecond}
			c := *f.Conn
			c.Attempts = []flow.DialAttempt{lost, w}
			f.Conn, f.Later = &c, v.later
			for i := range f.Later {
				f.Later[i].At = w.Start.Add(w.Took)
			}
			if got := slices.Contains(Codes(f), "address-unanswered"); got != v.found {
				t.Fatalf("codes %v", Codes(f))
			}
			if !v.found {
				return
			}
			all := Run([]*flow.Flow{f}, w.Start.Add(time.Minute))
			if because := strings.Join(all[0].Because, "\n"); !strings.Contains(because, "when tried alone") {
				t.Errorf("because %s", because)
			}
		})
	}
}

// If the address that won took long as well, the path is slow: the loser had to be tried for
// longer than that.
func TestAddressUnanswered_aSlowWinnerIsASlowPath(t *testing.T) {
	for alone, found := range map[time.Duration]bool{4 * time.Second: false, 12 * time.Second: true} {
		f := answered(1, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "10.0.2.9", "X")
		w := *f.Conn.Winner()
		w.Took = 7 * time.Second
		lost := flow.DialAttempt{Addr: loser, Outcome: flow.DialLost, Start: w.Start, Took: 6800 * time.Millisecond}
		c := *f.Conn
		c.Attempts = []flow.DialAttempt{lost, w}
		f.Conn, f.Later = &c, later(flow.DialTimeout, alone)
		f.Later[0].At = w.Start.Add(w.Took)
		if got := slices.Contains(Codes(f), "address-unanswered"); got != found {
			t.Errorf("after %v alone: codes %v", alone, Codes(f))
		}
	}
}

package watch

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/flow"
	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// A network is simulated: after is the time since the beginning of the test.
type network struct {
	answer  func(host string, after time.Duration) []string // addresses; nil: no such name
	up      func(addr string, after time.Duration) bool
	ttl     time.Duration
	patient time.Duration // how long a try that isn't answered takes
	proxied bool

	began time.Time
	mu    sync.Mutex
	tries map[string][]time.Duration // when those of an address began
	asked map[string][]time.Duration
}

func (n *network) Lookup(_ context.Context, authority string) *flow.Resolution {
	host, _ := split(authority)
	after := time.Since(n.began)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked[host] = append(n.asked[host], after)
	if n.proxied {
		return nil
	}
	r := &flow.Resolution{Name: host, Outcome: flow.DNSNXDomain, Err: "no such name", Took: time.Millisecond}
	for _, a := range n.answer(host, after) {
		r.Outcome, r.Err, r.TTL = flow.DNSOK, "", n.ttl
		r.Addrs = append(r.Addrs, netip.MustParseAddr(a))
	}
	return r
}

func (n *network) Test(ctx context.Context, authority string, r *flow.Resolution, a netip.Addr) flow.Later {
	l := flow.Later{At: time.Now(), Outcome: flow.DialConnected, Took: time.Millisecond, Status: 403}
	name := a.String()
	if n.proxied != (r == nil) || n.proxied == a.IsValid() {
		panic("a try of " + authority + " of no address")
	}
	n.mu.Lock()
	n.tries[name] = append(n.tries[name], time.Since(n.began))
	n.mu.Unlock()
	if up := n.up(name, time.Since(n.began)); !up {
		select {
		case <-time.After(n.patient):
		case <-ctx.Done():
		}
		l.Outcome, l.Took, l.Status, l.Stage = flow.DialTimeout, n.patient, 0, flow.StageDial
	}
	return l
}

// An outcome is what a watch of a simulated network found out.
type outcome struct {
	flow.Check
	took time.Duration
	news []string // "0s dns", "5s answers 10.0.0.1"
	told []flow.Later
}

// watched watches hosts in a simulated network for at most half an hour.
func watched(t *testing.T, n *network, hosts ...string) (out outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n.began, n.tries, n.asked = time.Now(), map[string][]time.Duration{}, map[string][]time.Duration{}
		if n.patient == 0 {
			n.patient = 4 * time.Second
		}
		if n.ttl == 0 {
			n.ttl = time.Minute
		}
		out.Check = Run(t.Context(), n, Config{Every: 5 * time.Second}, hosts, Options{
			For: 30 * time.Minute,
			Learn: func(_ string, all []flow.Later) flow.ID {
				out.told = append(out.told, all...)
				return 7
			},
			Report: func(_ flow.Check, news []Event) {
				for _, e := range news {
					s := fmt.Sprint(e.At.Sub(n.began).Round(time.Second), " ", e.Kind)
					if e.Addr.IsValid() {
						s += " " + e.Addr.Addr().String()
					}
					out.news = append(out.news, s)
				}
			},
		})
		out.took = time.Since(n.began)
	})
	for a, tries := range n.tries { // whatever happens
		for i := range tries[1:] {
			if gap := tries[i+1] - tries[i]; gap < Pace {
				t.Errorf("two tries of %s are %v apart", a, gap)
			}
		}
	}
	return out
}

func fixed(addrs ...string) func(string, time.Duration) []string {
	return func(string, time.Duration) []string { return addrs }
}

func from(at time.Duration) func(string, time.Duration) bool {
	return func(_ string, after time.Duration) bool { return after >= at }
}

func TestWatch_aHostIsFixedWhenEachAddressAnsweredThreeTimesInARow(t *testing.T) {
	n := &network{answer: fixed("10.0.0.1", "10.0.0.2"), up: func(addr string, after time.Duration) bool {
		return addr == "10.0.0.1" && after > 12*time.Second || after > 22*time.Second
	}}
	got := watched(t, n, "logs.example:443")
	want := "0s dns, 4s failed 10.0.0.1, 4s failed 10.0.0.2, 15s answers 10.0.0.1, 25s answers 10.0.0.2, 25s steady 10.0.0.1, 35s steady 10.0.0.2, 35s ended"
	slices.SortStableFunc(got.news[:6], func(a, b string) int { // of the same instant
		if sameInstant := a[:2] == b[:2]; !sameInstant {
			return 0
		}
		return strings.Compare(a, b)
	})
	if news := strings.Join(got.news, ", "); news != want {
		t.Errorf("got  %s\nwant %s", news, want)
	}
	if got.Outcome != flow.CheckWorks || got.Since().Sub(n.began) != 25*time.Second+time.Millisecond || got.Tries() < 15 || got.Tries() > 16 || got.Flaps() != 0 {
		t.Errorf("%s since %v after %d tries", got.Outcome, got.Since().Sub(n.began), got.Tries())
	}
	if a := got.Hosts[0].Addresses[1]; a.Failed.Sub(n.began) != 4*time.Second || a.Since.Sub(n.began) != 25*time.Second+time.Millisecond || a.InRow != 3 || a.Answered != 3 || a.Tries != 8 {
		t.Errorf("%+v", a)
	}
	if len(got.told) != 6 || got.told[5].InRow != 3 || got.told[5].Kind != flow.LaterWatch || got.Hosts[0].Flow != 7 {
		t.Errorf("learned %+v", got.told)
	}
}

func TestWatch_aFlappingHostIsNotFixed(t *testing.T) {
	turns := 2
	n := &network{answer: fixed("10.0.0.1"), up: func(string, time.Duration) bool {
		turns++
		return turns%3 != 0 // a miss, and two in a row
	}}
	got := watched(t, n, "logs.example:443")
	if got.Outcome != flow.CheckDeadline || got.took != 30*time.Minute || !got.Since().IsZero() || got.Hosts[0].Works {
		t.Errorf("%s after %v", got.Outcome, got.took)
	}
	if flaps := got.Flaps(); flaps < 100 || flaps != strings.Count(strings.Join(got.news, " "), "flapped") {
		t.Errorf("%d flaps", flaps)
	}
}

func TestWatch_anAddressOfTwoHostsGetsOneTryASecond(t *testing.T) {
	n := &network{answer: fixed("10.0.0.1"), up: from(0)}
	got := watched(t, n, "a.example:443", "b.example:443", "c.example:443")
	if got.Outcome != flow.CheckWorks || len(n.tries["10.0.0.1"]) != 9 {
		t.Errorf("%s after %d tries", got.Outcome, len(n.tries["10.0.0.1"]))
	}
}

func TestWatch_asksDNSAnewByTTL(t *testing.T) {
	n := &network{ttl: 20 * time.Second, up: func(addr string, _ time.Duration) bool { return strings.HasPrefix(addr, "52.") }}
	n.answer = func(_ string, after time.Duration) []string {
		if after < 35*time.Second {
			return []string{"10.0.0.1", "10.0.0.2"}
		}
		return []string{"52.0.0.1"}
	}
	got := watched(t, n, "logs.example:443")
	if asked := fmt.Sprint(n.asked["logs.example"]); asked != "[0s 20s 40s]" {
		t.Errorf("asked at %s", asked)
	}
	if news := strings.Join(got.news, ", "); !strings.Contains(news,
		"40s dns, 40s left 10.0.0.1, 40s left 10.0.0.2, 40s joined 52.0.0.1, 40s answers 52.0.0.1, 50s steady 52.0.0.1, 50s ended") {
		t.Error(news)
	}
	if answer, all := got.Count(); answer != 1 || all != 1 || got.Since().Sub(n.began) != 40*time.Second+time.Millisecond || len(got.Hosts[0].DNS) != 2 {
		t.Errorf("%d of %d since %v: %+v", answer, all, got.Since().Sub(n.began), got.Hosts[0].DNS)
	}
}

func TestWatch_aNameThatResolvesAtLastIsFixed(t *testing.T) {
	n := &network{up: from(0), answer: func(_ string, after time.Duration) []string {
		if after < 12*time.Second {
			return nil
		}
		return []string{"10.0.0.1"}
	}}
	got := watched(t, n, "logs.example:443")
	if got.Outcome != flow.CheckWorks || got.Since().Sub(n.began) != 15*time.Second+time.Millisecond || got.Hosts[0].DNS[0].Outcome != flow.DNSNXDomain {
		t.Errorf("%s since %v: %v", got.Outcome, got.Since().Sub(n.began), got.news)
	}
	if l := got.told[0]; l.DNS != flow.DNSNXDomain || l.Stage != flow.StageDNS || l.Addr.IsValid() || l.Answered() {
		t.Errorf("learned %+v", l)
	}
}

func TestWatch_aNameThatStopsResolvingStartsAgain(t *testing.T) {
	n := &network{ttl: time.Second, up: from(0), answer: func(_ string, after time.Duration) []string {
		if after > 7*time.Second && after < 20*time.Second {
			return nil
		}
		return []string{"10.0.0.1"}
	}}
	got := watched(t, n, "logs.example:443")
	if got.Outcome != flow.CheckWorks || got.Since().Sub(n.began) < 20*time.Second || got.Flaps() != 1 {
		t.Errorf("%s since %v, %d flaps: %v", got.Outcome, got.Since().Sub(n.began), got.Flaps(), got.news)
	}
}

// TestWatch_changingAddressesThatAllAnswerAreFixed: a public service's name returns a few of many.
func TestWatch_changingAddressesThatAllAnswerAreFixed(t *testing.T) {
	n := &network{ttl: 5 * time.Second, up: from(30 * time.Second), answer: func(_ string, after time.Duration) []string {
		i := int(after/(5*time.Second)) % 50
		return []string{fmt.Sprintf("52.0.0.%d", i+1), fmt.Sprintf("52.0.1.%d", i+1)}
	}}
	got := watched(t, n, "s3.example:443")
	if got.Outcome != flow.CheckWorks || got.took < 45*time.Second || got.took > time.Minute {
		t.Errorf("%s after %v", got.Outcome, got.took)
	}
}

func TestWatch_throughAProxyTheHostIsOneAddress(t *testing.T) {
	n := &network{proxied: true, up: from(7 * time.Second)}
	got := watched(t, n, "a.example:443", "b.example:443")
	if answer, all := got.Count(); got.Outcome != flow.CheckWorks || answer != 2 || all != 2 || got.Hosts[0].DNS != nil {
		t.Errorf("%s, %d of %d", got.Outcome, answer, all)
	}
}

func TestWatch_isStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{
			answer: fixed("10.0.0.1"), up: func(string, time.Duration) bool { return false }, patient: time.Hour, ttl: time.Minute,
			began: time.Now(), tries: map[string][]time.Duration{}, asked: map[string][]time.Duration{},
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Second, cancel)
		got := Run(ctx, n, Config{}, []string{"a.example:443", "a.example:443"}, Options{})
		if took := time.Since(n.began); got.Outcome != flow.CheckStopped || took != 20*time.Second || len(got.Hosts) != 1 || got.Tries() != 0 {
			t.Errorf("%s after %v: %+v", got.Outcome, took, got)
		}
	})
}

package hosts

import (
	"testing"

	"detour/internal/flow"
)

func TestTally_saysWhereTheHostsLead(t *testing.T) {
	private, public, both, neither := count{private: 1}, count{public: 2}, count{private: 1, public: 1}, count{works: 1}
	for _, c := range []struct {
		hosts []count
		want  string
	}{
		{[]count{private}, "1 private host"},
		{[]count{public, public}, "2 public hosts"},
		{[]count{private, public, public}, "3 hosts (1 private, 2 public)"},
		{[]count{neither}, "1 host"},
		{[]count{both, private}, "2 hosts (1 private, 1 other)"},
	} {
		var got Tally
		for _, h := range c.hosts {
			got.add(h)
		}
		if got.String() != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestVerdict_aHostThatWasFixedWorks: also while a call of before the fix still waits for it.
func TestVerdict_aHostThatWasFixedWorks(t *testing.T) {
	const host = "logs.ap-northeast-1.amazonaws.com"
	failed := &flow.Flow{
		State: flow.StateDone, Origin: flow.OriginDirect, Request: flow.Request{URL: "https://" + host + "/"},
		Failure: &flow.Failure{Stage: flow.StageDial},
	}
	counts := make(Counts)
	counts.Add(failed, 1)
	waiting := []*flow.Flow{failed}
	fixed := flow.Finding{Level: flow.LevelNotice, Resolved: true, Hosts: []string{host}}
	problem := flow.Finding{Level: flow.LevelProblem, Hosts: []string{host}}
	for name, c := range map[string]struct {
		found []flow.Finding
		works int
	}{
		"no finding": {nil, 0}, "a problem": {[]flow.Finding{problem}, 0}, "a fixed one": {[]flow.Finding{fixed}, 1},
		"a fixed one and a problem": {[]flow.Finding{problem, fixed}, 0},
	} {
		for _, w := range [][]*flow.Flow{nil, waiting} {
			if works, fails := counts.Verdict(w, c.found); works.All != c.works || fails.All != 1-c.works {
				t.Errorf("%s: %d work, %d fail", name, works.All, fails.All)
			}
		}
	}
}

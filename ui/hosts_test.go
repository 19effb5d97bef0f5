package ui

import "testing"

func TestTally_saysWhereTheHostsLead(t *testing.T) {
	private, public, both, neither := hostCount{private: 1}, hostCount{public: 2}, hostCount{private: 1, public: 1}, hostCount{works: 1}
	for _, c := range []struct {
		hosts []hostCount
		want  string
	}{
		{[]hostCount{private}, "1 private host"},
		{[]hostCount{public, public}, "2 public hosts"},
		{[]hostCount{private, public, public}, "3 hosts (1 private, 2 public)"},
		{[]hostCount{neither}, "1 host"},
		{[]hostCount{both, private}, "2 hosts (1 private, 1 other)"},
	} {
		var got tally
		for _, h := range c.hosts {
			got.add(h)
		}
		if got.String() != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

package hosts

import "testing"

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

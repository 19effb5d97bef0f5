package filter

import (
	"math/rand/v2"
	"strings"
	"testing"

	"detour/internal/flow"
	"detour/internal/fulltest"
)

func TestNarrows(t *testing.T) {
	for _, c := range []struct {
		x, y string
		want bool
	}{
		{"", "", true},
		{"a", "", true},
		{"", "a", false},
		{"Logs", "log", true},
		{"logs", "logs", true},
		{"log", "logs", false},
		{"logs put", "lo", true},
		{"put logs", "lo", true},
		{"lo", "logs put", false},
		{"host:logs", "host:lo", true},
		{`host:"logs"`, "host:lo", true},
		{"host:logs", "lo", false}, // it would be, but isn't needed
		{"host:logs", "url:lo", false},
		{"host=logs", "host=lo", false},
		{"host:logs,ec2", "host:logs", false}, // a list: either of them
		{"host:logs", "host:logs,ec2", false},
		{`host:"a,bc"`, `host:"a,b"`, true},
		{"host~logs", "host~lo", false},
		{"host!=logs", "host!=lo", false},
		{"status>=400 logs", "status>=400", true},
		{"status>=400", "status>=40", false},
		{"status:4xx", "status:4xx", true},
		{"origin:direct x", "origin:direct", true},
		{"!logs", "!lo", false},
		{"logs or ec2", "logs", false},
		{"logs", "logs or ec2", false},
		{"(logs ec2)", "logs", true},
		{"total>5s x", "total>5s", false}, // it changes with time
		{".1", ".", false},                // an address has it, but isn't searched for a dot
		{"1.", "1", true},
		{"a1", "a", false},
	} {
		x, err := Parse(c.x)
		if err != nil {
			t.Fatal(err)
		}
		y, err := Parse(c.y)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.Narrows(y); got != c.want {
			t.Errorf("%q narrows %q: %v, want %v", c.x, c.y, got, c.want)
		}
	}
}

// TestNarrows_isTrueOfNothingElse compares expressions at random.
func TestNarrows_isTrueOfNothingElse(t *testing.T) {
	words := strings.Fields(`. 1 10 10.0 :: 40 403 o ok tim time s st fail rst é É x, "" "a" ,
		host: url: op: status>=4 status:40 ip:10. -lo (a) or not 2001: pending tun tunnel conn connecting total>5s finding:p is:call`)
	flows := append(some(), &flow.Flow{Request: flow.Request{URL: "localhost:443"}, Conn: some()[0].Conn}) // only its address has a dot
	random := func() string {
		var b strings.Builder
		for range 1 + rand.IntN(4) {
			b.WriteString(words[rand.IntN(len(words))])
			if rand.IntN(2) == 0 {
				b.WriteByte(' ')
			}
		}
		return b.String()
	}
	for range fulltest.Or(2000, 50_000) {
		a := random()
		x, err := Parse(a)
		if err != nil {
			continue
		}
		b := a[:rand.IntN(len(a)+1)]
		if rand.IntN(2) == 0 {
			b = random()
		}
		y, err := Parse(b)
		if err != nil || !x.Narrows(y) {
			continue
		}
		for _, f := range flows {
			if x.Match(f, t0) && !y.Match(f, t0) {
				t.Fatalf("%q narrows %q, but flow %d matches the first alone", a, b, f.ID)
			}
		}
	}
}

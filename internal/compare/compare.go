// Package compare finds what differs between two captures: a VPN on and off, two
// laptops, before and after a change. [Captures] compares the machines and the outcome
// of each call, and decides whether a difference is for the better or the worse; [Text]
// and [Markdown] write it.
//
// It avoids noise: AWS's public addresses change all the time, so only their scope and
// published range are compared; times must differ by a factor and by an amount; hosts
// outside AWS count only if they stop or start working. The package is pure.
package compare

import (
	"cmp"
	"fmt"
	"slices"

	"detour/internal/flow"
)

// A Trend is whether a difference is for the better or the worse.
type Trend string

// The trends. "" is neither.
const (
	Worse  Trend = "worse"
	Better Trend = "better"
)

// A Status is in which of the captures something is.
type Status string

// The statuses. "" is in both.
const (
	Appeared Status = "appeared" // only in B
	Vanished Status = "vanished" // only in A
)

// A Difference is how B differs from A, in the stable JSON form, version 1. It has no
// entries for what is the same.
type Difference struct {
	V        int      `json:"v"`
	A        Side     `json:"a"`
	B        Side     `json:"b"`
	Notes    []string `json:"notes"`    // what can't be compared
	Machine  []Change `json:"machine"`  // resolvers, then interfaces, then the rest
	Findings []Change `json:"findings"` // by code
	Hosts    []Host   `json:"hosts"`    // that differ: worse ones first, then better ones, then by name
	Same     int      `json:"same"`     // calls (operations at a host) that don't differ
	// OutsideA and OutsideB count the hosts that only that capture has and that are
	// outside AWS, or for static files and telemetry.
	OutsideA int `json:"outside_a"`
	OutsideB int `json:"outside_b"`
}

// A Side is one of the captures.
type Side struct {
	File     string `json:"file,omitempty"`
	Creator  string `json:"creator,omitempty"` // the program that wrote it
	Requests int    `json:"requests"`
	// NotCompared counts further requests, which there were too many of.
	NotCompared int  `json:"not_compared,omitempty"`
	Simulated   bool `json:"simulated,omitempty"` // it is a demo
	// Unread counts the flows of the file that couldn't be read; nil if all were.
	Unread *flow.Unread `json:"unread,omitempty"`
}

// A Change is one fact that differs. A or B is "" if that capture has none.
type Change struct {
	What  string `json:"what"`
	A     string `json:"a,omitempty"`
	B     string `json:"b,omitempty"`
	Trend Trend  `json:"trend,omitempty"`

	median bool // of the median time
}

// A Host is a host that differs.
type Host struct {
	Name       string   `json:"host"`
	Status     Status   `json:"status,omitempty"`
	Trend      Trend    `json:"trend,omitempty"` // worse if anything in it is
	Resolution []Change `json:"resolution"`      // and the path there
	Calls      []Call   `json:"calls"`           // that differ
}

// A Call is an operation at a host, as "monitoring:GetMetricData"; "" for requests
// whose operation isn't known.
type Call struct {
	Operation string      `json:"operation"`
	Origin    flow.Origin `json:"origin"`
	Status    Status      `json:"status,omitempty"`
	Trend     Trend       `json:"trend,omitempty"`
	A         *Tally      `json:"a,omitempty"` // nil if A has none
	B         *Tally      `json:"b,omitempty"`
	Changes   []Change    `json:"changes"`
}

// Worse reports whether something got worse.
func (d *Difference) Worse() bool {
	return slices.ContainsFunc(d.Hosts, func(h Host) bool { return h.Trend == Worse }) ||
		slices.ContainsFunc(d.Findings, func(c Change) bool { return c.Trend == Worse })
}

// Empty reports whether there is no difference.
func (d *Difference) Empty() bool {
	return len(d.Machine)+len(d.Findings)+len(d.Hosts)+d.OutsideA+d.OutsideB == 0
}

// Captures compares b with a.
func Captures(a, b *flow.Capture) Difference {
	sa, sb := survey(a), survey(b)
	d := Difference{
		V: 1, A: sideOf(a), B: sideOf(b), Notes: notes(a, b), Hosts: []Host{},
		Machine: machine(sa, sb), Findings: findings(a, b),
	}
	for _, name := range union(sa.hosts, sb.hosts) {
		ha, hb := sa.hosts[name], sb.hosts[name]
		if (ha == nil || hb == nil) && !cmp.Or(ha, hb).aws {
			if hb == nil {
				d.OutsideA++
			} else if !hb.broken() {
				d.OutsideB++
			}
			if hb == nil || !hb.broken() {
				continue
			}
		}
		h, same := compareHosts(name, ha, hb, paths{sa, sb})
		d.Same += same
		if h.Status != "" || len(h.Resolution)+len(h.Calls) > 0 {
			d.Hosts = append(d.Hosts, h)
		}
	}
	slices.SortStableFunc(d.Hosts, func(x, y Host) int { return cmp.Compare(rank(x.Trend, x.Status), rank(y.Trend, y.Status)) })
	return d
}

// rank orders differences for reading.
func rank(t Trend, s Status) int {
	switch {
	case t == Worse:
		return 0
	case t == Better:
		return 1
	case s == "":
		return 2
	case s == Appeared:
		return 3
	}
	return 4
}

func sideOf(c *flow.Capture) Side {
	s := Side{File: c.File, Creator: c.Creator, Requests: len(c.Flows), NotCompared: notCompared(c), Simulated: c.Simulated()}
	if !c.Unread.None() {
		s.Unread = &c.Unread
	}
	return s
}

// notCompared counts the flows of a capture that the reader left out.
func notCompared(c *flow.Capture) int { return max(0, c.Selected-len(c.Flows)) }

func notes(a, b *flow.Capture) []string {
	out := []string{}
	switch {
	case a.Environment == nil && b.Environment == nil:
		out = append(out, "neither capture records the machine it was made on")
	case a.Environment == nil:
		out = append(out, "A doesn't record the machine it was made on")
	case b.Environment == nil:
		out = append(out, "B doesn't record the machine it was made on")
	}
	switch standIns := "stand-ins for private addresses and names"; {
	case a.Strict && b.Strict:
		out = append(out, "A and B have "+standIns+", each its own: that these differ says nothing")
	case a.Strict:
		out = append(out, "A has "+standIns+": that these differ from what B has says nothing")
	case b.Strict:
		out = append(out, "B has "+standIns+": that these differ from what A has says nothing")
	}
	for i, c := range []*flow.Capture{a, b} {
		if !c.Unread.None() {
			out = append(out, string(rune('A'+i))+" lacks "+c.Unread.String()+" that couldn't be read")
		}
		if n := notCompared(c); n > 0 {
			out = append(out, fmt.Sprintf("%d of %c's %d requests aren't compared: failed, marked and then the newest ones come first",
				n, 'A'+i, c.Selected))
		}
	}
	return out
}

// findings are those that only one capture has. Resolved ones don't count.
func findings(a, b *flow.Capture) []Change {
	open := func(c *flow.Capture) map[string]flow.Finding {
		m := make(map[string]flow.Finding)
		for _, f := range c.Findings {
			if !f.Resolved {
				m[f.Code] = f
			}
		}
		return m
	}
	fa, fb := open(a), open(b)
	out := []Change{}
	for _, code := range union(fa, fb) {
		x, inA := fa[code]
		y, inB := fb[code]
		c := Change{What: code}
		switch {
		case inA && inB:
			continue
		case inA:
			c.A = string(x.Level)
			if x.Level == flow.LevelProblem {
				c.Trend = Better
			}
		default:
			c.B = string(y.Level)
			if y.Level == flow.LevelProblem {
				c.Trend = Worse
			}
		}
		out = append(out, c)
	}
	return out
}

// union are the keys of both, sorted.
func union[T any](a, b map[string]T) []string {
	var out []string
	for k := range a {
		out = append(out, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// Package hosts counts for each AWS host how its requests ended, and where its name leads:
// [Counts], and [Counts.Verdict] for one line about all of them.
package hosts

import (
	"strconv"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/table"
)

// Counts counts for each AWS host how its finished flows ended. It is updated with each
// flow: counting again at each frame would touch every flow. It isn't safe for concurrent use.
type Counts map[string]count

type count struct {
	works, fails    int // numbers of flows
	private, public int // of these, by what the name resolved to
}

// Add adds f, or removes it again with n = -1.
func (h Counts) Add(f *flow.Flow, n int) {
	if !f.Final() || f.Origin == flow.OriginOther || f.Origin == "" {
		return
	}
	var d count
	switch {
	case table.Broken(f) && f.Failure.Stage != flow.StageProxy:
		d.fails = n
	case f.Response != nil && inAPI(f.Origin):
		d.works = n
	default:
		return
	}
	d.lead(f, n)
	host := table.Host(f)
	c := h[host]
	c = count{c.works + d.works, c.fails + d.fails, c.private + d.private, c.public + d.public}
	if c == (count{}) {
		delete(h, host)
		return
	}
	h[host] = c
}

// lead counts f n times by what its host's name resolved to.
func (c *count) lead(f *flow.Flow, n int) {
	switch {
	case f.Conn == nil || f.Conn.Resolution == nil || len(f.Conn.Resolution.Addrs) == 0:
	case f.Conn.Resolution.AllInVPC():
		c.private += n
	default:
		c.public += n
	}
}

// inAPI reports whether AWS API calls have this origin.
func inAPI(o flow.Origin) bool { return o == flow.OriginConsole || o == flow.OriginDirect }

// A Tally counts hosts by what their names resolve to.
type Tally struct {
	All             int
	private, public int // hosts whose flows all went there
}

func (t *Tally) add(c count) {
	t.All++
	switch {
	case c.private > 0 && c.public == 0:
		t.private++
	case c.public > 0 && c.private == 0:
		t.public++
	}
}

// String writes "2 private hosts", or "3 hosts (1 private, 2 public)".
func (t Tally) String() string {
	switch t.All {
	case t.private:
		return wording.Count(t.All, "private host")
	case t.public:
		return wording.Count(t.All, "public host")
	}
	var of []string
	if t.private > 0 {
		of = append(of, strconv.Itoa(t.private)+" private")
	}
	if t.public > 0 {
		of = append(of, strconv.Itoa(t.public)+" public")
	}
	if of == nil {
		return wording.Count(t.All, "host")
	}
	if rest := t.All - t.private - t.public; rest > 0 { // mixed or unknown
		of = append(of, strconv.Itoa(rest)+" other")
	}
	return wording.Count(t.All, "host") + " (" + strings.Join(of, ", ") + ")"
}

// Verdict counts the hosts that work, and those that failed at least once or keep a connection
// waiting, of which waiting are the flows. What failed at a host works if a finding about it is
// resolved, and none says that there is a problem.
func (h Counts) Verdict(waiting []*flow.Flow, found []flow.Finding) (works, fails Tally) {
	fixed := fixedHosts(found)
	stuck := make(map[string]count)
	for _, f := range waiting {
		c := h[table.Host(f)]
		c.lead(f, 1)
		stuck[table.Host(f)] = c
	}
	for host, c := range h {
		if _, is := stuck[host]; is {
			continue
		}
		if c.fails > 0 && !fixed[host] {
			fails.add(c)
		} else {
			works.add(c)
		}
	}
	for host, c := range stuck {
		if fixed[host] { // the call that waits began before the fix
			works.add(c)
		} else {
			fails.add(c)
		}
	}
	return works, fails
}

// fixedHosts are the hosts of resolved findings that no problem is about.
func fixedHosts(found []flow.Finding) map[string]bool {
	fixed := make(map[string]bool)
	for _, f := range found {
		if f.Resolved {
			for _, h := range f.Hosts {
				fixed[h] = true
			}
		}
	}
	for _, f := range found {
		if f.Level == flow.LevelProblem {
			for _, h := range f.Hosts {
				delete(fixed, h)
			}
		}
	}
	return fixed
}

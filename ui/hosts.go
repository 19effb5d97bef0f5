package ui

import (
	"strconv"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/table"
)

// hosts counts for each AWS host how its finished flows ended. It is updated with each
// flow: counting again at each frame would touch every flow.
type hosts map[string]hostCount

type hostCount struct {
	works, fails    int // numbers of flows
	private, public int // of these, by what the name resolved to
}

// count adds f, or removes it again with n = -1.
func (h hosts) count(f *flow.Flow, n int) {
	if !f.Final() || f.Origin == flow.OriginOther || f.Origin == "" {
		return
	}
	var d hostCount
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
	c = hostCount{c.works + d.works, c.fails + d.fails, c.private + d.private, c.public + d.public}
	if c == (hostCount{}) {
		delete(h, host)
		return
	}
	h[host] = c
}

// lead counts f n times by what its host's name resolved to.
func (c *hostCount) lead(f *flow.Flow, n int) {
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

// A tally counts hosts by what their names resolve to.
type tally struct {
	all             int
	private, public int // hosts whose flows all went there
}

func (t *tally) add(c hostCount) {
	t.all++
	switch {
	case c.private > 0 && c.public == 0:
		t.private++
	case c.public > 0 && c.private == 0:
		t.public++
	}
}

// String writes "2 private hosts", or "3 hosts (1 private, 2 public)".
func (t tally) String() string {
	switch t.all {
	case t.private:
		return wording.Count(t.all, "private host")
	case t.public:
		return wording.Count(t.all, "public host")
	}
	var of []string
	if t.private > 0 {
		of = append(of, strconv.Itoa(t.private)+" private")
	}
	if t.public > 0 {
		of = append(of, strconv.Itoa(t.public)+" public")
	}
	if of == nil {
		return wording.Count(t.all, "host")
	}
	if rest := t.all - t.private - t.public; rest > 0 { // mixed or unknown
		of = append(of, strconv.Itoa(rest)+" other")
	}
	return wording.Count(t.all, "host") + " (" + strings.Join(of, ", ") + ")"
}

// verdict counts the hosts that responded, and those that failed at least once or keep a
// connection waiting now.
func (m *model) verdict() (works, fails tally) {
	waiting := make(map[string]hostCount)
	for _, i := range m.pending {
		if f := m.flows[i]; table.Stuck(f, m.now) && f.Origin != flow.OriginOther {
			c := m.hosts[table.Host(f)]
			c.lead(f, 1)
			waiting[table.Host(f)] = c
		}
	}
	for host, c := range m.hosts {
		if _, stuck := waiting[host]; stuck {
			continue
		}
		if c.fails > 0 {
			fails.add(c)
		} else {
			works.add(c)
		}
	}
	for _, c := range waiting {
		fails.add(c)
	}
	return works, fails
}

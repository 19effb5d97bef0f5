package report

import (
	"fmt"
	"strconv"
	"strings"

	"detour/internal/wording"
)

// simulated is what a report of the demo says of itself.
const simulated = "This is a demo: the browser, the network and AWS were simulated."

// environment is the machine that the capture was made on.
func (s survey) environment() part {
	p := part{ID: "environment", Title: "Environment"}
	e := s.Environment
	if e == nil && s.Strict {
		p.Blocks = []block{{Note: "Left out: under strict privacy it would identify the machine."}}
		return p
	}
	if e == nil {
		p.Blocks = []block{{Note: "Unknown: it wasn't recorded."}}
		return p
	}
	t := &table{Columns: []string{"what", "value"}}
	say := func(what, value string) {
		if value != "" {
			t.Rows = append(t.Rows, []string{what, value})
		}
	}
	if e.Simulated {
		p.Blocks = append(p.Blocks, block{Note: simulated})
	}
	say("detour", e.Detour)
	say("system", strings.TrimSpace(or(e.System, e.OS)+" "+e.Arch))
	say("kernel", e.Kernel)
	say("browser", e.Browser)
	if !e.Began.IsZero() {
		say("started", e.Began.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	say("nameservers", wording.Some(e.Nameservers, maxList))
	say("search domains", wording.Some(e.Search, maxList))
	for _, name := range sorted(e.Proxies) {
		say(name, e.Proxies[name])
	}
	say("flags", wording.Some(e.Flags, maxList))
	if e.ClockOffset != 0 {
		say("clock", fmt.Sprintf("%+d s from AWS's", e.ClockOffset))
	}
	if len(t.Rows) > 0 {
		p.Blocks = append(p.Blocks, block{Table: t})
	}
	if len(e.Interfaces) > 0 {
		t := &table{Columns: []string{"interface", "kind", "addresses", "MTU"}, More: more(len(e.Interfaces), maxLines, "interface")}
		for _, i := range e.Interfaces[:min(len(e.Interfaces), maxLines)] {
			mtu := wording.None
			if i.MTU > 0 {
				mtu = strconv.Itoa(i.MTU)
			}
			t.Rows = append(t.Rows, []string{i.Name, or(string(i.Kind), wording.None), or(wording.Some(i.Addresses, maxList), wording.None), mtu})
		}
		p.Blocks = append(p.Blocks, block{Title: "Interfaces", Table: t})
	}
	if len(e.Routes) > 0 {
		b := block{Title: "Routes", Lines: e.Routes[:min(len(e.Routes), maxLines)]}
		if m := more(len(e.Routes), maxLines, "route"); m != "" {
			b.Lines = append(b.Lines[:maxLines:maxLines], "and "+m)
		}
		p.Blocks = append(p.Blocks, b)
	}
	if len(p.Blocks) == 0 {
		p.Blocks = []block{{Note: "Unknown."}}
	}
	return p
}

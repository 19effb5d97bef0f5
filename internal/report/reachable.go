package report

import (
	"fmt"
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// reachable is what got a response at the same time, and isn't at fault.
func (s survey) reachable() Chapter {
	p := Chapter{ID: "works", Title: "What works at the same time"}
	type tally struct {
		calls int
		hosts map[string]bool
	}
	all, answered, affected := make(map[flow.Origin]int), make(map[flow.Origin]int), make(map[flow.Origin]int)
	by := make(map[string]*tally)
	for _, f := range s.Flows {
		all[f.Origin]++
		if f.Response == nil {
			continue
		}
		answered[f.Origin]++
		if s.isAffected[f.ID] {
			affected[f.Origin]++
			continue
		}
		reach := reachOf(f)
		t := by[reach]
		if t == nil {
			t = &tally{hosts: make(map[string]bool)}
			by[reach] = t
		}
		t.calls++
		t.hosts[strings.ToLower(f.Request.Host())] = true
	}
	if len(answered) == 0 {
		p.Blocks = []Block{{Note: "Nothing got a response."}}
		return p
	}
	var b Block
	for _, o := range []flow.Origin{
		flow.OriginConsole, flow.OriginDirect, flow.OriginSignIn, flow.OriginStatic, flow.OriginTelemetry,
		flow.OriginOther,
	} {
		if all[o] > 0 {
			line := fmt.Sprintf("%s: %d of %s got a response", o, answered[o], wording.Count(all[o], "request"))
			if n := affected[o]; n > 0 {
				line += fmt.Sprintf(", %d of them affected", n)
			}
			b.Lines = append(b.Lines, line)
		}
	}
	for _, reach := range sorted(by) {
		hosts := sorted(by[reach].hosts)
		b.Lines = append(b.Lines, fmt.Sprintf("address %s: %s to %s: %s",
			reach, wording.Count(by[reach].calls, "request"), wording.Count(len(hosts), "host"), wording.Some(hosts, maxList)))
	}
	p.Blocks = []Block{b}
	return p
}

// reachOf is the scope of the address that responded.
func reachOf(f *flow.Flow) string {
	switch w := f.Conn.Winner(); {
	case f.Conn != nil && f.Conn.UpstreamProxy != "":
		return "through the upstream proxy"
	case w == nil || !w.Addr.IsValid():
		return "unknown"
	default:
		return string(flow.ScopeOf(w.Addr.Addr()))
	}
}

func sorted[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

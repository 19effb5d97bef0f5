package report

import (
	"fmt"
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// works counts what got a response.
type works struct {
	all, answered, affected map[flow.Origin]int
	by                      map[string]*reached // by the address's scope
}

// A reached is what got a response at addresses of one scope.
type reached struct {
	calls int
	hosts map[string]bool
}

func (w *works) add(f *flow.Flow, affected bool) {
	if w.all == nil {
		w.all, w.answered, w.affected = make(map[flow.Origin]int), make(map[flow.Origin]int), make(map[flow.Origin]int)
		w.by = make(map[string]*reached)
	}
	w.all[f.Origin]++
	if f.Response == nil {
		return
	}
	w.answered[f.Origin]++
	if affected {
		w.affected[f.Origin]++
		return
	}
	reach := reachOf(f)
	t := w.by[reach]
	if t == nil {
		t = &reached{hosts: make(map[string]bool)}
		w.by[reach] = t
	}
	t.calls++
	t.hosts[strings.ToLower(f.Request.Host())] = true
}

// reachable is what got a response at the same time, and isn't at fault.
func (s survey) reachable() Chapter {
	p := Chapter{ID: "works", Title: "What works at the same time"}
	all, answered, affected, by := s.works.all, s.works.answered, s.works.affected, s.works.by
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

package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

// nearby is how far apart two requests may be that still count as made at the same time.
const nearby = time.Second

// around are the other AWS hosts that responded while the group's requests were under way:
// from public addresses, from those that may be in a VPC, and from any.
func (g group) around() (public, private, all []string) {
	own := make(map[string]bool)
	var from, to time.Time
	for _, f := range g.Set {
		own[flowset.HostOf(f)] = true
		if from.IsZero() || f.Times.Start.Before(from) {
			from = f.Times.Start
		}
		if at := ending.LastInstant(f, g.now); at.After(to) {
			to = at
		}
	}
	from, to = from.Add(-nearby), to.Add(nearby)
	publics, privates, any := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	for f := range g.all.flows {
		if !ending.Reached(f) || !ending.Concerns(f) || f.Times.Start.After(to) || ending.LastInstant(f, g.now).Before(from) || notFromAWS(f) {
			continue
		}
		w := f.Conn.Winner()
		if w == nil {
			continue
		}
		h := flowset.HostOf(f)
		if own[h] {
			continue
		}
		any[h] = true
		switch s := flow.ScopeOf(w.Addr.Addr()); {
		case s.InVPC():
			privates[h] = true
		case s == flow.ScopePublic:
			publics[h] = true
		}
	}
	return flowset.Keys(publics), flowset.Keys(privates), flowset.Keys(any)
}

// othersWork says that other hosts responded at the same time.
func (g group) othersWork() []string {
	_, _, all := g.around()
	if len(all) == 0 {
		return nil
	}
	return []string{wording.Count(len(all), "other AWS host") + " responded at the same time"}
}

// whatWorks is what works at the same time: if only calls to private addresses fail,
// that raises the finding's confidence.
func (g group) whatWorks(f *flow.Finding) []string {
	out := g.consoleWorks()
	public, private, _ := g.around()
	if n := len(public); n > 0 {
		out = append(out, fmt.Sprintf("%s responded at public addresses: %s", wording.Count(n, "AWS host"), list(public, "")))
	}
	if n := len(private); n > 0 {
		out = append(out, fmt.Sprintf("%s responded at private addresses: %s. "+
			"The path into the VPC works", wording.Count(n, "AWS host"), list(private, "")))
	}
	if g.alone && g.all.answeredConsole > 0 && len(public) > 0 {
		f.Confidence = flow.ConfidenceHigh
		out = append(out, "only calls to private addresses get no response. "+
			"This isn't a permission problem, and CloudTrail has no events: the requests never reached AWS")
	}
	return out
}

// Package unjudged makes the finding about rules that couldn't be evaluated because they panicked.
package unjudged

import (
	"maps"
	"slices"

	"detour/internal/fault"
	"detour/internal/flow"
	"detour/internal/wording"
)

// The finding is about detour itself, so it isn't one of the rules'. It is a problem: what the rule
// would have found may be one.
const (
	Code    = "rule-not-evaluated"
	Level   = flow.LevelProblem
	Meaning = "A fault in detour keeps a rule from being evaluated: what that rule would explain is missing, or explained by another."
)

// Rules are the rules that panicked, by code. Add to a map that isn't nil.
type Rules map[string]*Rule

// A Rule is one that panicked.
type Rule struct {
	Panic *fault.Panic // the first one
	flows []*flow.Flow // that it panicked with
}

// Rescue recovers from a panic of a rule that considers flows. It has to be deferred.
func (r Rules) Rescue(code string, flows ...*flow.Flow) {
	v := recover()
	if v == nil {
		return
	}
	if r[code] == nil {
		r[code] = &Rule{Panic: fault.Of(v)}
	}
	r[code].flows = append(r[code].flows, flows...)
}

// Finding is about the rules. There has to be one.
func (r Rules) Finding(hostOf func(*flow.Flow) string) flow.Finding {
	codes := slices.Sorted(maps.Keys(r))
	f := flow.Finding{
		Code: Code, Level: Level, Confidence: flow.ConfidenceHigh,
		Title: "a fault in detour: " + wording.Count(len(codes), "rule") + " couldn't be evaluated: " + wording.List(codes),
		Alternatives: []string{
			"such a rule wouldn't have found anything in these requests",
		},
		Asks: []flow.Ask{{Of: flow.EndpointUser, What: "Report the fault of detour."}},
		Try:  []flow.NextStep{{Text: "Report the fault, with a capture or a log in which it happens (--log FILE)"}},
	}
	for _, code := range codes {
		flows := r[code].flows
		ids, hosts := make([]flow.ID, len(flows)), make([]string, len(flows))
		for i, x := range flows {
			ids[i], hosts[i] = x.ID, hostOf(x)
		}
		f.Flows, f.Hosts = append(f.Flows, ids...), append(f.Hosts, hosts...)
		slices.Sort(ids)
		f.Because = append(f.Because, code+" panicked with "+wording.Count(len(slices.Compact(ids)), "request")+
			"; another finding may name a more general cause for them, or none does")
	}
	slices.Sort(f.Hosts)
	slices.Sort(f.Flows)
	f.Hosts, f.Flows = slices.Compact(f.Hosts), slices.Compact(f.Flows)
	return f
}

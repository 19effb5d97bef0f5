// Package diagnose turns flows into findings: what a pattern is consistent with, the
// evidence for it, other possible causes, and the next steps.
//
// [Run] judges all flows together, and [Codes] one of them. What a finding says is in
// its [Rule] and nowhere else: the rule for a code is in the file with its name, as
// rule_connect_timeout.go. [Sections] lays a finding out, the same for every screen and
// report; [Text] and [Markdown] write it.
//
// The package is pure: no clock, no network, no files. Everything in it may be called
// concurrently, except a [Tracker].
package diagnose

import (
	"cmp"
	"slices"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/diagnose/nextstep"
	"detour/internal/diagnose/screen"
	"detour/internal/diagnose/unjudged"
	"detour/internal/flow"
)

// Patience is how long a connect may go unanswered before a finding mentions it.
const Patience = ending.Patience

// Codes are the codes of the findings that explain why a flow failed, judged at its own
// end. A flow that isn't final has none.
func Codes(f *flow.Flow) (codes []string) {
	if !f.Final() || !mayFail(f, f.Times.Done) {
		return nil
	}
	broken := make(unjudged.Rules)
	rules := guarded(Rules(), broken)
	defer func() { codes = append(codes, slices.Repeat([]string{unjudged.Code}, min(1, len(broken)))...) }()
	if i, own := claimsDial(rules, f, f.Times.Done); own != nil {
		codes = append(codes, rules[i].Code)
		if !badAnswer(f) {
			return codes
		}
	}
	for _, r := range rules {
		if !r.informational && r.applies(f, f.Times.Done, nil) {
			return append(codes, r.Code)
		}
	}
	return codes
}

// Run judges all flows together. The first finding is the one to act on. Flows must be
// in the order of their IDs.
func Run(flows []*flow.Flow, now time.Time) []flow.Finding {
	return RunOn(nil, flows, now)
}

// RunOn is Run for flows of a machine, whose system the next steps are for; nil if it isn't known.
func RunOn(machine *flow.Environment, flows []*flow.Flow, now time.Time) []flow.Finding {
	return findings(judgeAll(survey(flows, now), now, nextstep.SystemOf(machine)))
}

// A judged finding has what the judgement knows of it.
type judged struct {
	flow.Finding
	tier
	checks []string   // the evidence of what was checked later
	was    flow.Level // before it was resolved
}

func findings(all []judged) []flow.Finding {
	if all == nil {
		return nil
	}
	out := make([]flow.Finding, len(all))
	for i := range all {
		out[i] = all[i].Finding
	}
	return out
}

func judgeAll(o overview, now time.Time, on nextstep.System) []judged {
	rules := o.rules
	claimed := claims(rules, now, &o)
	problems, found := 0, false
	for i := range claimed {
		found = found || len(claimed[i]) > 0
		if rules[i].Level == flow.LevelProblem && len(claimed[i]) > 0 {
			problems++
		}
	}
	if !found && len(o.broken) == 0 {
		return nil
	}
	var all []judged
	for i := range rules {
		if len(claimed[i]) > 0 {
			all = append(all, o.judge(&rules[i], claimed[i], problems == 1, now, on)...)
		}
	}
	if len(o.broken) > 0 {
		all = append(all, judged{Finding: o.broken.Finding(flowset.HostOf), tier: tierAdvice, was: unjudged.Level})
	}
	slices.SortStableFunc(all, func(a, b judged) int {
		return cmp.Or(
			cmp.Compare(rank(a.Finding, a.was), rank(b.Finding, b.was)),
			cmp.Compare(a.tier, b.tier),
			cmp.Compare(len(b.Flows), len(a.Flows)),
			cmp.Compare(a.Code, b.Code),
		)
	})
	return all
}

// judge is the finding of a rule about the flows that it claims; none if it panics.
func (o *overview) judge(r *Rule, claimed []*flow.Flow, alone bool, now time.Time, on nextstep.System) (one []judged) {
	defer o.broken.Rescue(r.Code, claimed...)
	g := group{Group: nextstep.Of(claimed, on), now: now, all: *o, alone: alone}
	if r.connects {
		g.outages = g.outagesOf(*r)
	}
	f := r.explain(g)
	if f.Level == "" {
		f.Level = r.Level
	}
	if f.Level == flow.LevelProblem && g.Each(func(f *flow.Flow) bool { return f.Origin == flow.OriginTelemetry }) {
		f.Level = flow.LevelNotice
		f.Title += " (telemetry, which pages don't need)"
	}
	if f.Confidence == flow.ConfidenceHigh && f.Level == flow.LevelProblem && len(f.Because) < 2 {
		f.Confidence = flow.ConfidenceMedium // one fact alone can mislead
	}
	f.Code, f.Hosts, f.Flows, f.Connects = r.Code, g.Hosts(), g.IDs(), r.connects
	f.Provisional = !slices.ContainsFunc(g.Set, ending.Known)
	if r.connects {
		g.weighWhatCameLater(&f, *r)
	}
	if !r.informational {
		f.Screens, f.CloudTrail = screen.Of(g.Set, g.pageOf), g.trail()
	}
	was := f.Level
	g.resolve(&f, *r)
	asks := f.Asks // what explain asks for instead of the rule
	if f.Asks = nil; !f.Resolved {
		if asks == nil {
			asks = r.Asks
		}
		f.Asks = g.asks(asks)
	}
	return []judged{{f, r.tier, g.checks(), was}}
}

// ByFlow returns, for each flow that findings claim, their codes.
func ByFlow(found []flow.Finding) map[flow.ID][]string {
	out := make(map[flow.ID][]string)
	for _, f := range Claiming(found) {
		for _, id := range f.Flows {
			out[id] = append(out[id], f.Code)
		}
	}
	return out
}

// Claiming returns the findings that claim their flows. Informational ones claim none: they are about
// flows that work.
func Claiming(found []flow.Finding) []flow.Finding {
	notes := map[string]bool{unjudged.Code: true}
	for _, r := range Rules() {
		notes[r.Code] = r.informational
	}
	return slices.DeleteFunc(slices.Clone(found), func(f flow.Finding) bool { return notes[f.Code] })
}

// rank puts first what needs action first, then a problem that was fixed: it is what the run was
// about.
func rank(f flow.Finding, was flow.Level) int {
	switch {
	case f.Level == flow.LevelProblem:
		return 0
	case f.Resolved && was == flow.LevelProblem:
		return 1
	case !f.Resolved:
		return 2
	}
	return 3
}

// Package diagnose turns flows into findings: what the pattern is consistent
// with, what it rests on, what else it could be, and what to do next.
//
// It is pure. Each rule says of one flow whether it shows the rule's signature,
// and of all flows that do, what they mean together with the rest.
package diagnose

import (
	"cmp"
	"slices"
	"time"

	"detour/internal/flow"
)

// Patience is how long a connect may stay unanswered before it is spoken of. A
// SYN is sent again after one second and after three (RFC 6298, 2.1 and 5.5), so
// by then two went unheard.
const Patience = 3 * time.Second

// A Rule knows one signature.
type Rule struct {
	Code     string
	Level    flow.Level
	Meaning  string // one sentence
	HowKnown string // what of a flow is looked at
	WhatElse string // what has the same look
	Source   string

	// lasting is set where an answer of the host doesn't take the finding back.
	lasting bool
	match   func(f *flow.Flow, now time.Time) bool
	explain func(g group) flow.Finding
}

// Rules returns every rule in the order in which they claim flows: a flow that
// one rule claims is not looked at by the next.
func Rules() []Rule {
	return []Rule{
		certRefused(),
		localNetwork(),
		directUnanswered(),
		proxyFailed(),
		dnsFailed(),
		sinkholed(),
		privateUnreachable(),
		refused(),
		unreachable(),
		timedOut(),
		tlsFailed(),
		partlyDead(),
		disagreeing(),
	}
}

// Codes are the findings that claim a flow, judged at its own end. A flow that
// isn't final has none.
func Codes(f *flow.Flow) []string {
	if !f.Final() || !suspect(f) {
		return nil
	}
	for _, r := range Rules() {
		if r.match(f, f.Times.Done) {
			return []string{r.Code}
		}
	}
	return nil
}

// suspect reports whether a flow may show a signature at all: an AWS host, or one
// that was probed, and no answer, or one that not every address would have given,
// or a client that turned us away. Most flows end here.
func suspect(f *flow.Flow) bool {
	if refusedUs(f) {
		return true
	}
	if !concerns(f) || f.Conn == nil {
		return false
	}
	if reached(f) {
		return !f.Reused && (len(f.Conn.Attempts) > 1 || f.Conn.Resolution != nil && len(f.Conn.Resolution.Each) > 1)
	}
	return !f.Final() || f.Failure != nil && f.Failure.Stage != flow.StageProxy
}

// reached reports whether a server answered, or, where a probe asked for no more,
// took the connection.
func reached(f *flow.Flow) bool {
	return f.Response != nil || f.Source == flow.SourceProbe && f.Final() && f.Failure == nil
}

// concerns reports whether a flow is for AWS, or was asked for by name.
func concerns(f *flow.Flow) bool {
	return f.Source == flow.SourceProbe || f.Origin != flow.OriginOther && f.Origin != ""
}

// A group is what a rule's explanation is made from: the flows that it claims,
// and what all flows together say.
type group struct {
	flows []*flow.Flow
	now   time.Time
	all   overview
	alone bool // no other rule claims a flow
}

// Run judges all flows together. The first finding is the one to act on. The
// order of flows must be that of their IDs.
func Run(flows []*flow.Flow, now time.Time) []flow.Finding {
	rules := Rules()
	claimed := make([][]*flow.Flow, len(rules))
	for _, f := range flows {
		if !suspect(f) {
			continue
		}
		at := now
		if f.Final() {
			at = f.Times.Done
		}
		for i := range rules {
			if rules[i].match(f, at) {
				claimed[i] = append(claimed[i], f)
				break
			}
		}
	}
	groups := len(slices.DeleteFunc(slices.Clone(claimed), func(c []*flow.Flow) bool { return len(c) == 0 }))
	if groups == 0 {
		return nil
	}
	var out []flow.Finding
	all := survey(flows)
	for i, r := range rules {
		if len(claimed[i]) == 0 {
			continue
		}
		g := group{flows: claimed[i], now: now, all: all, alone: groups == 1}
		f := r.explain(g)
		f.Code, f.Hosts, f.Flows, f.Level = r.Code, g.hosts(), g.ids(), r.Level
		f.Provisional = !slices.ContainsFunc(g.flows, (*flow.Flow).Final)
		if !r.lasting {
			g.recovered(&f)
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b flow.Finding) int {
		return cmp.Or(
			cmp.Compare(rank(a), rank(b)),
			cmp.Compare(len(b.Flows), len(a.Flows)),
			cmp.Compare(a.Code, b.Code),
		)
	})
	return out
}

func rank(f flow.Finding) int {
	if f.Level == flow.LevelProblem {
		return 0
	}
	return 1
}

// recovered turns the finding into a notice if every host of it has answered
// since, over a connection that was made since.
func (g group) recovered(f *flow.Finding) {
	last := make(map[string]*flow.Flow)
	for _, x := range g.flows {
		last[hostOf(x)] = x
	}
	for h, x := range last {
		ok, works := g.all.lastAnswer[h]
		if !works || ok.ID < x.ID || x.Conn != nil && ok.Conn.Start.Before(x.Conn.Start) {
			return
		}
	}
	f.Level = flow.LevelNotice
	f.Because = append(f.Because, "each of these hosts has answered since")
}

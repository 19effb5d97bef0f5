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
	WhatElse string // what looks the same
	Source   string

	// Asks are who has to act on a problem, the first one first. In What, these stand
	// for facts of the finding: %h its hosts, %a the addresses that were tried, %f this
	// machine's own addresses on the way there, %n the nameservers, %e the endpoint
	// services, %p the upstream proxies, %o the operations, %r the request IDs.
	Asks []flow.Ask

	// lasting is set where an answer of the host doesn't take the finding back.
	lasting bool
	// beside is set for what is worth knowing of flows that work: it claims none.
	beside  bool
	tier    tier
	match   func(f *flow.Flow, now time.Time) bool
	explain func(g group) flow.Finding
}

// A tier orders findings of one level: what keeps requests from arriving explains
// more than what an answer says.
type tier int

const (
	tierNetwork tier = iota
	tierAnswer
	tierAdvice
)

// Rules returns every rule in the order in which they claim flows: a flow that
// one rule claims is not looked at by the next, but for those that claim none.
func Rules() []Rule {
	return []Rule{
		certRefused(),
		localNetwork(),
		browserBlocked(),
		directUnanswered(),
		proxyFailed(),
		dnsFailed(),
		sinkholed(),
		wrongAlias(),
		privateUnreachable(),
		refused(),
		unreachable(),
		timedOut(),
		tlsFailed(),
		sixDead(),
		partlyDead(),
		disagreeing(),
		idleReset(),

		endpointPolicy(),
		clockSkewed(),
		credentialsExpired(),
		credentialsUnknown(),
		wrongRegion(),
		signatureBroken(),
		privateAccessDenied(),
		wrongEndpointAnswers(),
		accessDenied(),
		throttled(),
		serverError(),
		notAWSAnswers(),
		pageTimedOut(),

		intercepted(),
		hostsOverride(),
		systemDiffers(),
		answerChanged(),
		localNetworkAhead(),
		httpsRecord(),
	}
}

// Codes are the findings that claim a flow, judged at its own end: why it failed.
// A flow that isn't final has none.
func Codes(f *flow.Flow) []string {
	if !f.Final() || !suspect(f) {
		return nil
	}
	for _, r := range Rules() {
		if !r.beside && r.match(f, f.Times.Done) {
			return []string{r.Code}
		}
	}
	return nil
}

// suspect reports whether a flow may show a signature at all: an AWS host, or one
// that was probed, and no answer, or one that not every address would have given,
// or a client that turned us away. Most flows end here.
func suspect(f *flow.Flow) bool {
	if refusedUs(f) || badAnswer(f) {
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
	claimed := claims(rules, flows, now)
	groups, some := 0, false
	for i := range claimed {
		some = some || len(claimed[i]) > 0
		if !rules[i].beside && len(claimed[i]) > 0 {
			groups++
		}
	}
	if !some {
		return nil
	}
	type judged struct {
		flow.Finding
		tier
	}
	var all []judged
	o := survey(flows)
	for i, r := range rules {
		if len(claimed[i]) == 0 {
			continue
		}
		g := group{flows: claimed[i], now: now, all: o, alone: groups == 1}
		f := r.explain(g)
		if f.Level == "" {
			f.Level = r.Level
		}
		f.Code, f.Hosts, f.Flows = r.Code, g.hosts(), g.ids()
		f.Provisional = !slices.ContainsFunc(g.flows, (*flow.Flow).Final)
		if !r.beside {
			f.Screens, f.CloudTrail = g.screens(), g.trail()
		}
		g.recovered(&f, r)
		if !f.Resolved {
			f.Asks = g.asks(r)
		}
		all = append(all, judged{f, r.tier})
	}
	slices.SortStableFunc(all, func(a, b judged) int {
		return cmp.Or(
			cmp.Compare(rank(a.Finding), rank(b.Finding)),
			cmp.Compare(a.tier, b.tier),
			cmp.Compare(len(b.Flows), len(a.Flows)),
			cmp.Compare(a.Code, b.Code),
		)
	})
	out := make([]flow.Finding, len(all))
	for i := range all {
		out[i] = all[i].Finding
	}
	return out
}

// claims sorts flows by the rules that claim them, or have something to say of them.
func claims(rules []Rule, flows []*flow.Flow, now time.Time) [][]*flow.Flow {
	claimed := make([][]*flow.Flow, len(rules))
	for _, f := range flows {
		ill, odd := suspect(f), remarkable(f)
		if !ill && !odd {
			continue
		}
		at := now
		if f.Final() {
			at = f.Times.Done
		}
		for i := range rules {
			switch r := &rules[i]; {
			case r.beside && odd && r.match(f, at):
				claimed[i] = append(claimed[i], f)
			case !r.beside && ill && r.match(f, at):
				claimed[i] = append(claimed[i], f)
				ill = false
			}
		}
	}
	return claimed
}

// rank puts what is to be acted on first.
func rank(f flow.Finding) int {
	switch {
	case f.Level == flow.LevelProblem:
		return 0
	case !f.Resolved:
		return 1
	}
	return 2
}

// recovered makes the finding a resolved one if every host of it has answered
// since, over a connection that was made since; where the answers are what is
// wrong, if every call has succeeded since.
func (g group) recovered(f *flow.Finding, r Rule) {
	if r.tier == tierAnswer {
		g.succeeded(f)
		return
	}
	if r.lasting || r.beside {
		return
	}
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
	f.Level, f.Resolved = flow.LevelNotice, true
	f.Because = append(f.Because, "each of these hosts has answered since")
}

// succeeded is recovered for calls that were answered.
func (g group) succeeded(f *flow.Finding) {
	for _, x := range g.flows {
		if g.all.lastSuccess[callOf(hostOf(x), x)] < x.ID {
			return
		}
	}
	f.Level, f.Resolved = flow.LevelNotice, true
	f.Because = append(f.Because, "each of these calls has succeeded since")
}

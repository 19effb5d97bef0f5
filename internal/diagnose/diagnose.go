// Package diagnose turns flows into findings: what a pattern is consistent with, the
// evidence for it, other possible causes, and the next steps.
//
// [Run] judges all flows together, and [Codes] one of them. What a finding says is in
// its [Rule] and nowhere else: the rule for a code is in the file with its name, as
// rule_connect_timeout.go. [Sections] lays a finding out, the same for every screen and
// report; [Text] and [Markdown] write it.
//
// The package is pure: no clock, no network, no files. Everything in it may be called
// concurrently, but for a [Tracker].
package diagnose

import (
	"cmp"
	"slices"
	"time"

	"detour/internal/flow"
)

// Patience is how long a connect may go unanswered before a finding mentions it. A SYN
// is sent again after one second and after three (RFC 6298, 2.1 and 5.5), so by then two
// have been lost.
const Patience = 3 * time.Second

// Codes are the codes of the findings that explain why a flow failed, judged at its own
// end. A flow that isn't final has none.
func Codes(f *flow.Flow) []string {
	if !f.Final() || !mayFail(f) {
		return nil
	}
	for _, r := range Rules() {
		if !r.informational && r.match(f, f.Times.Done) {
			return []string{r.Code}
		}
	}
	return nil
}

// Run judges all flows together. The first finding is the one to act on. Flows must be
// in the order of their IDs.
func Run(flows []*flow.Flow, now time.Time) []flow.Finding {
	rules := Rules()
	claimed := claims(rules, flows, now)
	problems, found := 0, false
	for i := range claimed {
		found = found || len(claimed[i]) > 0
		if !rules[i].informational && len(claimed[i]) > 0 {
			problems++
		}
	}
	if !found {
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
		g := group{flows: claimed[i], now: now, all: o, alone: problems == 1}
		f := r.explain(g)
		if f.Level == "" {
			f.Level = r.Level
		}
		f.Code, f.Hosts, f.Flows = r.Code, g.hosts(), g.ids()
		f.Provisional = !slices.ContainsFunc(g.flows, (*flow.Flow).Final)
		if !r.informational {
			f.Screens, f.CloudTrail = g.screens(), g.trail()
		}
		g.resolve(&f, r)
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

// claims are the flows that each rule explains. A flow is claimed by the first rule that
// explains its failure, and by every informational one that has something to say of it.
func claims(rules []Rule, flows []*flow.Flow, now time.Time) [][]*flow.Flow {
	claimed := make([][]*flow.Flow, len(rules))
	for _, f := range flows {
		failing, noteworthy := mayFail(f), mayBeNoted(f)
		if !failing && !noteworthy {
			continue
		}
		at := now
		if f.Final() {
			at = f.Times.Done
		}
		for i := range rules {
			switch r := &rules[i]; {
			case r.informational && noteworthy && r.match(f, at):
				claimed[i] = append(claimed[i], f)
			case !r.informational && failing && r.match(f, at):
				claimed[i] = append(claimed[i], f)
				failing = false
			}
		}
	}
	return claimed
}

// mayFail reports whether a rule may explain a flow's failure: it is for an AWS host, or
// for one that was probed, and has no response, or only some of its addresses respond;
// or the client rejected detour's certificate. Most flows end here.
func mayFail(f *flow.Flow) bool {
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

// mayBeNoted reports whether an informational rule may say something of a flow that
// works. Most flows end here.
func mayBeNoted(f *flow.Flow) bool {
	if !f.Final() || f.Conn == nil || !concerns(f) || !reached(f) {
		return false
	}
	if t := f.Conn.TLS; t != nil && t.Issued == flow.IssuerPrivate {
		return true
	}
	r := f.Conn.Resolution
	return r != nil && (r.Source == flow.SourceHosts || r.Before != nil || r.Wire != nil || len(r.HTTPS) > 0 || r.AllInVPC())
}

// reached reports whether a server responded; for a probe that asked for no more,
// whether it accepted the connection.
func reached(f *flow.Flow) bool {
	return f.Response != nil || f.Source == flow.SourceProbe && f.Final() && f.Failure == nil
}

// concerns reports whether a flow is for AWS, or for a host that was named.
func concerns(f *flow.Flow) bool {
	return f.Source == flow.SourceProbe || f.Origin != flow.OriginOther && f.Origin != ""
}

// rank puts first what needs action first.
func rank(f flow.Finding) int {
	switch {
	case f.Level == flow.LevelProblem:
		return 0
	case !f.Resolved:
		return 1
	}
	return 2
}

// resolve marks a finding as resolved if each of its hosts has responded since, over a
// newer connection; where responses are the problem, if each call has succeeded since.
func (g group) resolve(f *flow.Finding, r Rule) {
	if r.tier == tierAnswer {
		g.resolveAnswers(f)
		return
	}
	if r.lasting || r.informational {
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
	f.Because = append(f.Because, "each of these hosts has responded since")
}

func (g group) resolveAnswers(f *flow.Finding) {
	for _, x := range g.flows {
		if g.all.lastSuccess[callOf(hostOf(x), x)] < x.ID {
			return
		}
	}
	f.Level, f.Resolved = flow.LevelNotice, true
	f.Because = append(f.Because, "each of these calls has succeeded since")
}

package diagnose

import (
	"time"

	"detour/internal/diagnose/unjudged"
	"detour/internal/flow"
)

// A Rule recognises one pattern, and has everything that its finding says.
type Rule struct {
	Code     string // stable, lower-case words with hyphens
	Level    flow.Level
	Meaning  string // one sentence
	HowKnown string // which facts of a flow show the pattern
	WhatElse string // other causes that look the same
	Source   string // a URL

	// Asks are who has to act, the first one first. In What, these stand for facts of
	// the finding: %h its hosts, %a the addresses that were tried, %f the machine's own
	// addresses on the path, %m the machine, %t the port, %n the nameservers, %e the
	// endpoint services, %p the upstream proxies, %o the operations, %i their IAM actions, %r the request IDs.
	Asks []flow.Ask

	// Concepts are the terms that the finding uses, as detour help concepts has them; the first one is
	// the most important.
	Concepts []string

	// connects is set if the rule is about TCP connects: it is also about one of a flow that another
	// connection carried, and later checks of the addresses count.
	connects bool
	// lasting is set if a response of the host doesn't resolve the finding.
	lasting bool
	// informational is set if the rule is about flows that work. It claims none of them, so
	// other rules consider them, too.
	informational bool
	tier          tier
	// match judges a flow on its own, and among, if it is set, among all others.
	match func(f *flow.Flow, now time.Time) bool
	among func(f *flow.Flow, now time.Time, o *overview) bool
	// explain returns the finding without its code. Its Asks, if there are any, are in place
	// of the rule's.
	explain func(g group) flow.Finding
}

// What Concepts may have.
const (
	conceptInterfaceEndpoint = "interface endpoint"
	conceptPrivateDNS        = "private DNS"
	conceptResolverEndpoint  = "resolver endpoint"
	conceptSecurityGroup     = "security group"
	conceptPreflight         = "preflight"
)

// applies reports whether the rule is about a flow; o is nil if only the flow is known.
func (r *Rule) applies(f *flow.Flow, now time.Time, o *overview) bool {
	if o != nil && r.among != nil {
		return r.among(f, now, o)
	}
	return r.match(f, now)
}

// guarded has the rules' panics noted in broken: a rule isn't about a flow with which it panics.
func guarded(rules []Rule, broken unjudged.Rules) []Rule {
	for i := range rules {
		r := rules[i]
		rules[i].match = func(f *flow.Flow, now time.Time) bool { defer broken.Rescue(r.Code, f); return r.match(f, now) }
		if r.among != nil {
			rules[i].among = func(f *flow.Flow, now time.Time, o *overview) bool {
				defer broken.Rescue(r.Code, f)
				return r.among(f, now, o)
			}
		}
	}
	return rules
}

// A tier orders findings of one level: what keeps requests from arriving explains more
// than what a response says.
type tier int

const (
	tierNetwork tier = iota
	tierAnswer
	tierAdvice
)

// informational makes a rule a notice about flows that work.
func informational(r Rule) Rule {
	r.Level, r.tier, r.informational = flow.LevelNotice, tierAdvice, true
	return r
}

// Rules returns every rule, in the order in which they claim flows: a flow that one
// rule explains isn't considered by the next, except by informational ones.
func Rules() []Rule {
	return []Rule{
		certificateRefused(),
		localNetworkAccessBlocked(),
		blockedInTheBrowser(),
		machineShort(),
		nothingAnswers(),
		upstreamProxyFailed(),
		corsFieldsMissing(),
		networkUnstable(),
		dnsFailed(),
		sinkholed(),
		aliasToAnotherEndpoint(),
		privateEndpointUnreachable(),
		connectRefused(),
		connectUnreachable(),
		directCallsUnanswered(),
		directCallsGivenUp(),
		connectTimeout(),
		captivePortal(),
		tlsFailed(),
		ipv6Unanswered(),
		addressUnanswered(),
		nameserversDisagree(),
		idleConnectionLost(),
		connectionBroken(),
		requestUnanswered(),
		directCallsWithoutConnection(),
		callsPending(),
		callsFailed(),

		answerNotFromAWS(),
		deniedByEndpointPolicy(),
		clockSkewed(),
		credentialsExpired(),
		credentialsNotAccepted(),
		wrongRegion(),
		signatureBroken(),
		privateAccessDenied(),
		wrongEndpointAnswers(),
		accessDenied(),
		refusedWithoutReason(),
		throttled(),
		serverError(),
		pageMeasuredTimeouts(),
		dnsQueriesDropped(),

		tlsIntercepted(),
		hostsFileOverride(),
		madeUpAddress(),
		systemResolverDiffers(),
		dnsAnswerChanged(),
		localNetworkAccessAhead(),
		slowResponses(),
		fileOmitsFailures(),
		callMissing(),
		httpsRecordHasAddresses(),
	}
}

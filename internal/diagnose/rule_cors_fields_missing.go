package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

// corsFieldsMissing is a host that answers, but not in a way that lets a page of the console
// read it.
func corsFieldsMissing() Rule {
	return Rule{
		Code:    "cors-fields-missing",
		Level:   flow.LevelProblem,
		lasting: true, // a preflight's answer resolves nothing; that of a call excludes the finding
		Meaning: "A host answered a preflight or a call without the CORS fields that the console's page needs, so the browser blocked the call.",
		HowKnown: "The response to OPTIONS has no Access-Control-Allow-Origin, or is a refusal, and no call to the host after it " +
			"got a response; or the response to the call itself has none; or the browser's own error.",
		WhatElse: "A device on the path that removes fields, or that answers OPTIONS itself.",
		Asks: []flow.Ask{askNetworkTeam("Find what answers OPTIONS requests for %h, or removes Access-Control fields from the answers: " +
			"AWS's endpoints send them.")},
		Concepts: []string{conceptPreflight},
		Source:   "https://fetch.spec.whatwg.org/#cors-preflight-fetch",
		match: func(f *flow.Flow, _ time.Time) bool {
			return ending.Is(f, flow.KindCORS) || keptFromPage(f) || refusedPreflight(f) || unreadable(f)
		},
		among: func(f *flow.Flow, _ time.Time, o *overview) bool {
			h := o.hosts.of(f)
			switch {
			case ending.Is(f, flow.KindCORS), keptFromPage(f), unreadable(f) && h.permitted:
				return true
			case refusedPreflight(f):
				return !h.called
			}
			// The call itself stands without a response beside its preflight.
			return direct(f) && f.Request.Method != "OPTIONS" && h.refusedPreflight && !h.called &&
				ending.Is(f, flow.KindNeverSent, flow.KindUnknown, flow.KindNoConnection, flow.KindAborted)
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: answered without the CORS fields that the page needs: the browser blocks the calls, "+
					"and programs that don't check CORS, like curl, aren't affected", g.HostList()),
				Because: append(g.Distinct(func(f *flow.Flow) []string {
					if f.Response == nil {
						return nil
					}
					s := fmt.Sprintf("%s answered %s with status %d", flowset.HostOf(f), clean(f.Request.Method), f.Response.Status)
					if f.Response.Is(flow.TraitNoCORS) {
						s += " and without Access-Control-Allow-Origin"
					}
					return []string{s}
				}), append(append(g.unsent(), g.answerers()...), g.affected()...)...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a proxy or gateway that answers OPTIONS itself, or removes fields that it doesn't know",
					"another server at the address, not AWS's endpoint",
				},
			}
			f.Try = g.Curl("Repeat the preflight on "+g.Machine()+" (AWS's endpoints return access-control-allow-origin)",
				`-sv -X OPTIONS -H "Origin: https://console.aws.amazon.com" -H "Access-Control-Request-Method: POST" -o /dev/null`)
			if g.Each(unreadable) { // the preflights are in order
				f.Alternatives = []string{
					"a proxy or gateway that removes fields that it doesn't know",
					"another server at the address, not AWS's endpoint",
				}
				f.Try = g.Curl("See which header fields a response has on "+g.Machine(),
					`-sv -H "Origin: https://console.aws.amazon.com" -o /dev/null`)
				f.Asks = []flow.Ask{askNetworkTeam("Find what removes Access-Control fields from the responses of %h: AWS's endpoints send them.")}
			}
			f.Try = append(f.Try, shell("Show there whose certificate the server has", "detour probe "+g.Host()))
			return f
		},
	}
}

// keptFromPage reports whether the browser kept a response from the page, as a HAR shows it.
func keptFromPage(f *flow.Flow) bool {
	return direct(f) && f.Response != nil && f.Failure != nil && f.Failure.Kind == flow.KindCORS
}

// refusedPreflight reports whether a flow is a preflight that was answered without leave: a
// browser takes only a status of 200 to 299 with the field (fetch.spec.whatwg.org).
func refusedPreflight(f *flow.Flow) bool {
	if !direct(f) || f.Request.Method != "OPTIONS" || f.Response == nil || f.Source == flow.SourceProbe || notFromAWS(f) {
		return false
	}
	return f.Response.Is(flow.TraitNoCORS) || f.Response.Status >= 300 && f.Response.Status < 500
}

// unreadable reports whether a call of a page was answered, and the page can't read it.
func unreadable(f *flow.Flow) bool {
	return direct(f) && f.Request.Method != "OPTIONS" && f.Source != flow.SourceProbe && f.AWS.IsCall() &&
		f.Response.Is(flow.TraitNoCORS) && f.Response.Status < 300 && !notFromAWS(f)
}

// unsent counts the calls that were never sent.
func (g group) unsent() []string {
	n := 0
	for _, f := range g.Set {
		if f.Response == nil {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []string{counted(n, "call") + " got no response: the browser doesn't send a call if its preflight isn't permitted"}
}

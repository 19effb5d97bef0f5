package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

const answerNotFromAWSCode = "answer-not-from-aws"

// answerNotFromAWS is a response of something between the browser and AWS: a captive
// portal, a proxy's block page, a gateway.
func answerNotFromAWS() Rule {
	return Rule{
		Code:    answerNotFromAWSCode,
		Level:   flow.LevelProblem,
		tier:    tierAnswer,
		Meaning: "Something other than AWS answered a request to AWS.",
		HowKnown: "A redirect to a host that isn't AWS's; or a refusal, or a web page in place of a service's response, " +
			"without a request ID or any other field that AWS's servers send.",
		WhatElse: "Your own web server in front of a service endpoint; a DNS record that leads to another server.",
		Asks:     []flow.Ask{askNetworkTeam(findIntermediary)},
		Source:   "https://www.rfc-editor.org/rfc/rfc8952",
		match:    func(f *flow.Flow, _ time.Time) bool { return notFromAWS(f) },
		explain:  explainNotFromAWS,
	}
}

func explainNotFromAWS(g group) flow.Finding {
	f := flow.Finding{
		Confidence: flow.ConfidenceMedium,
		Alternatives: []string{
			"your own web server or API gateway in front of these names",
			"a DNS record that leads to a server that isn't AWS's",
		},
		Try: g.Curl("Read the response on "+g.Machine(), "-v"),
	}
	f.Because = append(g.foreignAnswers(), append(g.answerers(), g.privateCAs()...)...)
	switch {
	case g.Each(func(f *flow.Flow) bool { return f.Response == nil || f.Response.Is(flow.TraitElsewhere) }):
		f.Title = fmt.Sprintf("%s: redirected to a host that isn't AWS's: consistent with a captive portal, "+
			"or a proxy that requires people to sign in", g.HostList())
		f.Try = append([]flow.NextStep{step("Open any http:// page in the browser, sign in there, and reload the console's page")}, f.Try...)
	default:
		f.Title = fmt.Sprintf("%s: answered by something other than AWS: consistent with a proxy's or firewall's block page, "+
			"or a captive portal", g.HostList())
	}
	if len(g.Hosts()) > 1 && g.Each(func(f *flow.Flow) bool { return f.Response == nil || f.Response.Is(flow.TraitUnmarked) }) {
		f.Confidence = flow.ConfidenceHigh
		f.Because = append(f.Because, "the responses of "+wording.Count(len(g.Hosts()), "host")+" have no header field that AWS's servers send")
	}
	return f
}

// foreignAnswers are the responses, each once.
func (g group) foreignAnswers() []string {
	return bounded(g.Distinct(func(f *flow.Flow) []string {
		if f.Response == nil { // a call whose preflight was answered in this way
			return []string{flowset.HostOf(f) + ": " + endOf(f)}
		}
		s := fmt.Sprintf("%s: status %d", flowset.HostOf(f), f.Response.Status)
		if f.Response.Is(flow.TraitElsewhere) {
			s += ", a redirect to a host that isn't AWS's"
		}
		if f.Response.Is(flow.TraitWebPage) {
			s += ", a web page"
		}
		if m := message(f); m != "" {
			s += ": " + clean(m)
		}
		return []string{s + ", without a request ID"}
	}))
}

// notFromAWS reports whether something other than AWS answered. AWS's own refusals have a
// request ID, a code, or a field of AWS's; its services never send a web page to a call.
func notFromAWS(f *flow.Flow) bool {
	p := f.Response
	if !f.Final() || p == nil || len(p.Traits) == 0 || f.Origin != flow.OriginDirect && f.Origin != flow.OriginConsole {
		return false
	}
	if p.Is(flow.TraitElsewhere) {
		return p.Is(flow.TraitUnmarked) && (f.AWS == nil || f.AWS.RequestID == "")
	}
	if f.AWS != nil && (f.AWS.RequestID != "" || code(f) != "" && !p.Is(flow.TraitUnmarked)) {
		return false
	}
	blocked := p.Status == 403 || p.Status == 407 || p.Status == 451 || p.Status == 511
	switch {
	case p.Is(flow.TraitWebPage) && direct(f) && f.Request.Method != "OPTIONS" && f.Source != flow.SourceProbe && !blocked:
		return f.AWS != nil && f.AWS.Operation != "" && (p.Status < 500 || p.Status == 511)
	case direct(f):
		return blocked && p.Is(flow.TraitUnmarked)
	}
	// A refusal from a private address may be the console's own: private-access-denied.
	return blocked && p.Is(flow.TraitUnmarked) && (p.Is(flow.TraitWebPage) || f.AWS != nil) && !overPrivateAddress(f)
}

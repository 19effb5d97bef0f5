package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
)

// proxyFailed is a call that went no further than the upstream proxy.
func proxyFailed() Rule {
	return Rule{
		Code:     "upstream-proxy-failed",
		Level:    flow.LevelProblem,
		Meaning:  "The upstream proxy couldn't be reached, or wouldn't connect to an AWS host.",
		HowKnown: "The proxy's answer to the CONNECT, or what became of the connects to the proxy itself.",
		WhatElse: "The proxy is right and the host is at fault: a 502 or 504 may mean that it couldn't reach it either.",
		Asks:     []flow.Ask{askNetworkTeam("Let %f connect to %h, port 443, through the proxy %p.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6",
		match: func(f *flow.Flow, now time.Time) bool {
			if f.Conn.UpstreamProxy == "" {
				return false
			}
			if !f.Final() {
				return unanswered(f.Conn, now)
			}
			return f.Failure != nil && (f.Failure.Stage == flow.StageUpstreamProxy || f.Failure.Stage == flow.StageDial)
		},
		explain: explainProxy,
	}
}

func explainProxy(g group) flow.Finding {
	last := g.flows[len(g.flows)-1]
	cause, confidence := proxyCause(last.Conn.Via)
	if last.Failure != nil && last.Failure.Plaintext {
		cause, confidence = "a proxy that is asked over TLS and speaks none: http:// instead of https:// in its URL", flow.ConfidenceHigh
	}
	proxy := clean(last.Conn.UpstreamProxy)
	f := flow.Finding{
		Title:      fmt.Sprintf("%s: the upstream proxy %s doesn't connect: consistent with %s", list(g.hosts(), ""), proxy, cause),
		Confidence: confidence,
		Alternatives: []string{
			"this call should not go through the proxy: NO_PROXY, or the browser's own proxy settings, name the exceptions",
			"the endpoint is private, and the proxy resolves and connects from elsewhere: `detour probe --upstream-proxy none` tells what this machine sees",
		},
		Try: texts(
			"curl -v -x "+proxy+" https://"+g.hosts()[0]+"/",
			"detour run --upstream-proxy none, if this machine can reach AWS by itself",
		),
	}
	f.Because = g.distinct(func(f *flow.Flow) []string {
		said := "no answer yet"
		if f.Failure != nil {
			said = f.Failure.Message
		}
		return []string{hostOf(f) + ": " + clean(said)}
	})
	f.Because = append(f.Because, elsewhereFacts(g)...)
	return f
}

// proxyCause says what a proxy's answer is consistent with.
func proxyCause(v *flow.Via) (string, flow.Confidence) {
	switch {
	case v == nil || v.Status == 0:
		return "a proxy that is down, or that this network can't reach", flow.ConfidenceMedium
	case v.Status == 407:
		return "a proxy that wants credentials, or others than it got", flow.ConfidenceHigh
	case v.Status == 403, v.Status == 451:
		return "a policy of the proxy against this host", flow.ConfidenceHigh
	case v.Status >= 500:
		return "a proxy that can't reach or resolve the host itself", flow.ConfidenceMedium
	}
	return fmt.Sprintf("a proxy that refuses CONNECT (status %d)", v.Status), flow.ConfidenceMedium
}

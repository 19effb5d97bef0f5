package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
)

// tlsFailed is a connection on which no handshake came about.
func tlsFailed() Rule {
	return Rule{
		Code:     "tls-failed",
		Level:    flow.LevelProblem,
		Meaning:  "An AWS host was reached, but the TLS handshake failed.",
		HowKnown: "The outcome of the handshake and the chain that the server sent.",
		WhatElse: "Untrusted: a proxy that intercepts. Other names: DNS leads to another service's endpoint. Silence after the hello: a path that swallows large packets.",
		Asks:     []flow.Ask{askNetworkTeam("Leave %h out of TLS inspection.")},
		Source:   "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html",
		match: func(f *flow.Flow, now time.Time) bool {
			if f.Conn.TLS == nil {
				return false
			}
			o, _ := tlsOutcome(f, now)
			return f.Final() && f.Failure != nil && f.Failure.Stage == flow.StageTLS || o == flow.TLSTimeout
		},
		explain: explainTLS,
	}
}

func explainTLS(g group) flow.Finding {
	f := flow.Finding{Confidence: flow.ConfidenceMedium}
	f.Because = g.distinct(func(f *flow.Flow) []string {
		t := f.Conn.TLS
		o, took := tlsOutcome(f, g.now)
		why := clean(t.Err)
		switch {
		case !f.Final():
			why = "no answer to the hello so far"
		case o != t.Outcome:
			why = "no answer to the hello until the client left"
		}
		s := fmt.Sprintf("%s: %s after %.0f ms, %s", hostOf(f), o, flow.MS(took), why)
		if len(t.Chain) > 0 {
			s += fmt.Sprintf("; the certificate is for %s, issued by %s", clean(list(t.Chain[0].Names, "no name")), clean(t.Chain[0].Issuer))
		}
		return []string{s}
	})
	f.Because = append(f.Because, elsewhereFacts(g)...)
	f.Because = append(f.Because, g.distinct(smallHello)...)
	f.Because = append(f.Because, g.interceptors()...)
	last := g.flows[len(g.flows)-1]
	outcome, _ := tlsOutcome(last, g.now)
	cause := tlsCause(outcome, last.Conn.TLS.SmallHello)
	if last.Conn.TLS.Outcome == flow.TLSReset && byPrivateWay(last) {
		cause = "a stateful firewall on the way that sees one direction alone (asymmetric routing), or that turns this name down"
	}
	if len(g.hosts()) > 1 && g.each(func(f *flow.Flow) bool { return f.Conn.TLS.Outcome == flow.TLSExpired }) {
		cause, f.Confidence = "a wrong clock on this machine: certificates of several hosts are said to be out of date", flow.ConfidenceHigh
	}
	f.Title = fmt.Sprintf("%s: connected, but TLS failed: consistent with %s", list(g.hosts(), ""), cause)
	f.Alternatives = []string{"this machine's clock is wrong, if certificates are said to be expired everywhere"}
	f.Try = texts("openssl s_client -connect " + g.hosts()[0] + ":443 -servername " + g.hosts()[0] + " -showcerts")
	return f
}

func tlsCause(outcome, smallHello flow.TLSOutcome) string {
	if outcome == flow.TLSTimeout && smallHello == flow.TLSOK {
		return "a path that swallows large packets (MTU): a hello that fits into one was answered"
	}
	switch outcome {
	case flow.TLSUntrusted:
		return "a proxy between here and AWS that intercepts (give its CA with --upstream-ca)"
	case flow.TLSExpired:
		return "a wrong clock, or an endpoint that isn't AWS's"
	case flow.TLSNameMismatch:
		return "DNS that leads to another service's endpoint or to a server of your own"
	case flow.TLSTimeout:
		return "a path that swallows large packets (MTU), or a firewall that reads the hello"
	case flow.TLSReset, flow.TLSAlert:
		return "a firewall that turns this name down"
	case flow.TLSOK, flow.TLSError, flow.TLSPending:
	}
	return "something else than AWS at that address"
}

// smallHello says how a second handshake with a small hello ended.
func smallHello(f *flow.Flow) []string {
	if f.Conn.TLS.SmallHello == "" {
		return nil
	}
	return []string{fmt.Sprintf("%s: a second handshake, with a hello that fits into one packet: %s", hostOf(f), f.Conn.TLS.SmallHello)}
}

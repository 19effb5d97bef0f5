package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

func tlsFailed() Rule {
	return Rule{
		Code:     "tls-failed",
		Level:    flow.LevelProblem,
		Meaning:  "An AWS host accepted the connection, but the TLS handshake failed.",
		HowKnown: "The outcome of the handshake and the server's certificate chain.",
		WhatElse: "Untrusted: a TLS-inspecting proxy. Wrong names: DNS leads to another service's endpoint. " +
			"Timeout after the ClientHello: a path that drops large packets.",
		Asks: []flow.Ask{askNetworkTeam("If a proxy or firewall inspects TLS, exclude %h. " +
			"If not, find which server responds instead of AWS (%a).")},
		Source: "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html",
		match: func(f *flow.Flow, now time.Time) bool {
			if ending.Is(f, tlsKinds()...) || ending.Known(f) && f.Failure != nil && f.Failure.Stage == flow.StageTLS && !ending.FromHAR(f) {
				return true
			}
			o, _ := ending.TLS(f, now)
			return o == flow.TLSTimeout
		},
		explain: explainTLSFailed,
	}
}

// tlsKinds are the failures that a browser itself lays to the handshake.
func tlsKinds() []flow.FailureKind {
	return []flow.FailureKind{
		flow.KindHandshakeFailed, flow.KindTLSRefused, flow.KindCertUntrusted, flow.KindCertExpired, flow.KindCertNameMismatch,
		flow.KindCertRevoked, flow.KindCertTransparency, flow.KindCertInvalid, flow.KindClientCert,
	}
}

// tlsInHAR is a handshake that failed as a browser tells it, without the certificate.
func (g group) tlsInHAR() flow.Finding {
	causes := g.Distinct(func(f *flow.Flow) []string {
		if !ending.Is(f, tlsKinds()...) {
			return nil // a call whose preflight failed
		}
		return []string{g.tlsKindCause(ending.Kind(f))}
	})
	f := flow.Finding{
		Title:      fmt.Sprintf("%s: the browser refused the TLS connection: consistent with %s", g.HostList(), wording.List(causes)),
		Because:    append(g.endings(), append(g.affected(), g.consoleWorks()...)...),
		Confidence: flow.ConfidenceMedium,
		Alternatives: []string{
			"a TLS-inspecting proxy or a captive portal that presents its own certificate",
			"a DNS record that leads to another server",
		},
		Try: append([]flow.NextStep{
			shell("Show the certificate and the handshake on "+g.Machine(), "detour probe "+joinHosts(g.Hosts())),
		}, g.Certificates("Without detour")...),
	}
	if g.Each(func(f *flow.Flow) bool { return ending.Kind(f) == flow.KindTLSRefused }) {
		f.Because = append(f.Because, "the file doesn't say what was wrong with the certificate, or whether the answer was TLS at all")
	}
	return f
}

// tlsKindCause is what a browser's refusal is consistent with.
func (g group) tlsKindCause(k flow.FailureKind) string {
	switch k { //nolint:exhaustive // all others are a handshake that failed
	case flow.KindCertExpired:
		if _, _, others := g.around(); len(others) > 0 { // whose certificates are valid
			return "a certificate that has expired or isn't valid yet: an endpoint or device that isn't AWS's"
		}
		return "a certificate that has expired or isn't valid yet, or a wrong clock"
	case flow.KindCertNameMismatch:
		return "a server that has another name's certificate"
	case flow.KindCertUntrusted:
		return "a TLS-inspecting proxy whose CA the browser doesn't trust"
	case flow.KindCertRevoked:
		return "a certificate that was revoked"
	case flow.KindCertTransparency:
		return "a certificate without the log entries that browsers require, as of a private CA"
	case flow.KindClientCert:
		return "a server that requires a client certificate, which AWS's endpoints don't"
	case flow.KindTLSRefused, flow.KindCertInvalid:
		return "a certificate that the browser doesn't accept: expired, of another name or from an unknown CA"
	}
	return "a server or device that ends the handshake, or doesn't speak TLS"
}

func explainTLSFailed(g group) flow.Finding {
	if g.Each(ending.FromHAR) {
		return g.tlsInHAR()
	}
	f := flow.Finding{Confidence: flow.ConfidenceMedium}
	f.Because = g.handshakes()
	f.Because = append(f.Because, g.othersWork()...)
	f.Because = append(f.Because, g.Distinct(smallHello)...)
	f.Because = append(f.Because, g.privateCAs()...)
	last := g.Set[len(g.Set)-1]
	outcome, _ := ending.TLS(last, g.now)
	cause := tlsCause(outcome, last.Conn.TLS.SmallHello)
	if outcome == flow.TLSTimeout && last.Conn.TLS.Received > 0 {
		cause = "a path that drops large packets from the server, or a server that stalls in its response to the ClientHello"
	}
	if outcome == flow.TLSReset && overPrivateAddress(last) {
		cause = "a stateful firewall that sees only one direction (asymmetric routing), or that blocks this name"
	}
	expired := g.Each(func(f *flow.Flow) bool { return f.Conn.TLS != nil && f.Conn.TLS.Outcome == flow.TLSExpired })
	f.Alternatives = tlsAlternatives(outcome)
	switch {
	case expired && len(g.Hosts()) > 1 && g.all.trusted == 0 && !g.all.clockRight:
		cause = "a wrong clock on this machine: the certificates of all hosts appear expired"
		f.Alternatives = []string{"a certificate that has expired, if this machine's clock is right"}
	case expired:
		cause = "an expired certificate at that address: an endpoint or device that isn't AWS's"
		if g.all.trusted == 0 {
			f.Alternatives = []string{"a wrong clock on this machine: then the certificates of other hosts appear expired, too"}
		}
		if n := g.all.trusted; n > 0 {
			f.Because = append(f.Because, "the certificates of "+wording.Count(n, "other host")+" are valid: the clock is right")
		}
	}
	f.Title = fmt.Sprintf("%s: connected, but TLS failed: consistent with %s", g.HostList(), cause)
	f.Try = g.Certificates("Show the server's certificate chain")
	if outcome == flow.TLSReset || outcome == flow.TLSTimeout {
		g.ThroughProxy(&f)
	}
	if outcome == flow.TLSUntrusted {
		f.Try = append(f.Try, shell("If it is the proxy of your company, trust its CA for this run", "detour run --upstream-ca CA_FILE"))
	}
	return f
}

// tlsAlternatives are other causes of a handshake that failed, and what tells them apart.
func tlsAlternatives(outcome flow.TLSOutcome) []string {
	switch outcome {
	case flow.TLSUntrusted, flow.TLSNameMismatch:
		return []string{"a captive portal, or a server of your own at that address: the certificate shows whose it is"}
	case flow.TLSReset, flow.TLSAlert:
		return []string{"a server that ends the handshake itself: then other names at that address fail, too"}
	case flow.TLSError:
		return []string{"a proxy or captive portal at that address that answers in plain HTTP"}
	case flow.TLSOK, flow.TLSExpired, flow.TLSTimeout, flow.TLSPending: // the cause names both
	}
	return nil
}

// handshakes are how the group's handshakes went.
func (g group) handshakes() []string {
	return g.Ranges(func(f *flow.Flow) []flowset.Measured { return []flowset.Measured{handshake(f, g.now)} })
}

// handshake is how a flow's handshake went, and whose certificate the server sent.
func handshake(f *flow.Flow, now time.Time) flowset.Measured {
	t := f.Conn.TLS
	o, took := ending.TLS(f, now)
	why := clean(t.Err)
	switch {
	case t.Received > 0 && len(t.Chain) == 0 && o == flow.TLSTimeout:
		why = fmt.Sprintf("the server had sent %s of its response", wording.Bytes(t.Received))
	case !f.Final():
		why = "the handshake isn't finished so far"
	case t.Outcome == flow.TLSReset && o != t.Outcome:
		why = "no response to the ClientHello before the connection was ended"
	case o != t.Outcome:
		why = "no response to the ClientHello before the client gave up"
	}
	m := flowset.Measured{Before: fmt.Sprintf("%s: %s after ", flowset.HostOf(f), o), Took: took}
	if why != "" {
		m.After = ", " + why
	}
	if len(t.Chain) > 0 {
		m.After += fmt.Sprintf("; the certificate is for %s, issued by %s", clean(list(t.Chain[0].Names, "no name")), clean(t.Chain[0].Issuer))
	}
	return m
}

func tlsCause(outcome, smallHello flow.TLSOutcome) string {
	switch {
	case outcome == flow.TLSTimeout && smallHello == flow.TLSOK:
		return "a path that drops large packets (MTU): a ClientHello that fits into one packet was answered"
	case outcome == flow.TLSTimeout && smallHello == flow.TLSTimeout:
		return "a firewall or server that doesn't answer the ClientHello: a small one wasn't answered either, so it isn't the MTU"
	}
	switch outcome {
	case flow.TLSUntrusted:
		return "a TLS-inspecting proxy between here and AWS, whose CA detour doesn't trust"
	case flow.TLSExpired:
		return "an expired certificate, or a wrong clock"
	case flow.TLSNameMismatch:
		return "a DNS record that leads to another service's endpoint, or to your own server"
	case flow.TLSTimeout:
		return "a path that drops large packets, or a firewall or server that doesn't answer the ClientHello"
	case flow.TLSReset, flow.TLSAlert:
		return "a firewall that blocks this name"
	case flow.TLSOK, flow.TLSError, flow.TLSPending:
	}
	return "a server at that address that isn't AWS"
}

// smallHello is how a second handshake with a small ClientHello ended.
func smallHello(f *flow.Flow) []string {
	if f.Conn.TLS.SmallHello == "" {
		return nil
	}
	return []string{fmt.Sprintf("%s: second handshake, with a ClientHello that fits into one packet: %s",
		flowset.HostOf(f), f.Conn.TLS.SmallHello)}
}

package ui

import (
	"strings"
	"time"

	"detour/internal/flow"
)

func tlsLines(p *page, f *flow.Flow, now time.Time) {
	if f.Conn == nil || f.Conn.TLS == nil {
		return
	}
	t := f.Conn.TLS
	p.head("TLS")
	switch t.Outcome {
	case flow.TLSPending:
		p.add("outcome", "hello sent, no handshake for "+clock(now.Sub(t.Start)), toneWarn)
	case flow.TLSOK:
		p.add("outcome", strings.TrimSpace(t.Version+" "+t.ALPN)+" in "+exact(t.Took), toneGood)
	case flow.TLSUntrusted, flow.TLSExpired, flow.TLSNameMismatch, flow.TLSAlert, flow.TLSTimeout, flow.TLSReset, flow.TLSError:
		p.add("outcome", tlsSentence(t.Outcome)+", after "+exact(t.Took), toneBad)
	}
	p.add("message", t.Err, toneBad)
	p.host("SNI", t.ServerName)
	switch t.ClientCert {
	case flow.ClientCertSent:
		p.add("client cert", "the server asked for one and got it", tonePlain)
	case flow.ClientCertMissing:
		p.add("client cert", "the server asked for one; there is none to show (--client-cert)", toneWarn)
	}
	if t.SmallHello != "" {
		p.add("small hello", "a second handshake, whose hello fits into one packet: "+string(t.SmallHello), toneWarn)
	}
	p.add("issued by", issuerSentence(t.Issued), tonePlain)
	for _, c := range t.Chain {
		p.add("certificate", c.Subject, tonePlain)
		p.add("", "issued by "+c.Issuer+", ends "+c.NotAfter.UTC().Format(time.DateOnly), toneDim)
		p.add("", names(c.Names), toneDim)
		if c.SHA256 != "" {
			p.add("", "SHA-256 "+c.SHA256, toneDim)
		}
	}
}

// issuerSentence says what kind of CA issued a server's certificate.
func issuerSentence(i flow.Issuer) string {
	switch i {
	case flow.IssuerAWS:
		return "AWS's own CA"
	case flow.IssuerPublic:
		return "a public CA that isn't AWS's"
	case flow.IssuerPrivate:
		return "a private CA: a company's own, or somebody who reads along"
	}
	return string(i)
}

func names(ns []string) string {
	if len(ns) == 0 {
		return ""
	}
	return "for " + strings.Join(ns, ", ")
}

func tlsSentence(o flow.TLSOutcome) string {
	switch o {
	case flow.TLSUntrusted:
		return "untrusted: the chain ends in a root that this machine doesn't trust"
	case flow.TLSExpired:
		return "expired: outside the certificate's time of validity, by this machine's clock"
	case flow.TLSNameMismatch:
		return "name-mismatch: the certificate is for other names"
	case flow.TLSAlert:
		return "alert: the server refused"
	case flow.TLSTimeout:
		return "timeout: silence after the hello"
	case flow.TLSReset:
		return "reset: the connection was cut in the handshake"
	case flow.TLSPending, flow.TLSOK, flow.TLSError:
	}
	return string(o)
}

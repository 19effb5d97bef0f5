package detail

import (
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
)

func tlsLines(p *pane.Page, f *flow.Flow, now time.Time) {
	if f.Conn == nil || f.Conn.TLS == nil {
		return
	}
	t := f.Conn.TLS
	p.Head("TLS")
	switch t.Outcome {
	case flow.TLSPending:
		p.Add("outcome", "ClientHello sent, no handshake for "+wording.Running(now.Sub(t.Start)), pane.Warn)
	case flow.TLSOK:
		p.Add("outcome", strings.TrimSpace(t.Version+" "+t.ALPN)+" in "+wording.Duration(t.Took), pane.Good)
	case flow.TLSUntrusted, flow.TLSExpired, flow.TLSNameMismatch, flow.TLSAlert, flow.TLSTimeout, flow.TLSReset, flow.TLSError:
		p.Add("outcome", tlsSentence(t.Outcome)+", after "+wording.Duration(t.Took), pane.Bad)
	}
	p.Add("message", t.Err, pane.Bad)
	p.AddHost("SNI", t.ServerName)
	switch t.ClientCert {
	case flow.ClientCertSent:
		p.Add("client cert", "requested by the server, and sent", pane.Plain)
	case flow.ClientCertMissing:
		p.Add("client cert", "requested by the server, but none is configured (--client-cert)", pane.Warn)
	}
	if t.SmallHello != "" {
		p.Add("small hello", "a second handshake, with a ClientHello that fits into one packet: "+string(t.SmallHello), pane.Warn)
	}
	p.Add("issued by", issuerSentence(t.Issued), pane.Plain)
	for _, c := range t.Chain {
		p.Add("certificate", c.Subject, pane.Plain)
		p.Add("", "issued by "+c.Issuer+", expires "+c.NotAfter.UTC().Format(time.DateOnly), pane.Dim)
		p.Add("", certNames(c.Names), pane.Dim)
		if c.SHA256 != "" {
			p.Add("", "SHA-256 "+c.SHA256, pane.Dim)
		}
	}
}

// issuerSentence says what kind of CA issued a server's certificate.
func issuerSentence(i flow.Issuer) string {
	switch i {
	case flow.IssuerAWS:
		return "AWS's own CA"
	case flow.IssuerPublic:
		return "a public CA other than AWS's"
	case flow.IssuerPrivate:
		return "a private CA, such as a company's or a TLS-inspecting proxy's"
	}
	return string(i)
}

func certNames(ns []string) string {
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
		return "expired: outside the certificate's validity period, by this machine's clock"
	case flow.TLSNameMismatch:
		return "name-mismatch: the certificate is for other names"
	case flow.TLSAlert:
		return "alert: the server rejected the handshake"
	case flow.TLSTimeout:
		return "timeout: no response to the ClientHello"
	case flow.TLSReset:
		return "reset: the connection was reset during the handshake"
	case flow.TLSPending, flow.TLSOK, flow.TLSError:
	}
	return string(o)
}

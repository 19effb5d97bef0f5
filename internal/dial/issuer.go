package dial

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"slices"

	"detour/internal/flow"
)

// sctListOID identifies the certificate extension with Signed Certificate Timestamps
// of Certificate Transparency logs (RFC 6962, 3.3).
func sctListOID() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}
}

// issuer returns what kind of CA issued a chain. Browsers require timestamps for
// certificates of public CAs, and logs only accept certificates of public CAs. So a
// certificate without timestamps comes from a private CA: a company's, or that of an
// intercepting proxy. The timestamps aren't verified, because this isn't a security
// check.
func issuer(state tls.ConnectionState, chain []*x509.Certificate) flow.Issuer {
	if len(chain) == 0 {
		return ""
	}
	leaf := chain[0]
	logged := len(state.SignedCertificateTimestamps) > 0
	for _, e := range leaf.Extensions {
		logged = logged || e.Id.Equal(sctListOID())
	}
	switch {
	case !logged:
		return flow.IssuerPrivate
	case slices.Contains(leaf.Issuer.Organization, "Amazon"): // in all intermediates of Amazon Trust Services
		return flow.IssuerAWS
	}
	return flow.IssuerPublic
}

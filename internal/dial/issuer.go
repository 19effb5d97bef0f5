package dial

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"slices"

	"detour/internal/flow"
)

// timestamps is the extension in which a CA embeds the promises of logs that a
// certificate is public (RFC 6962, 3.3).
func timestamps() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}
}

// issuer is what kind of CA issued a chain. Browsers take certificates of public
// CAs only with timestamps of logs, and logs take them of public CAs only; so one
// without is a company's own, or an interceptor's. The promises aren't verified:
// who forges them has better ways.
func issuer(state tls.ConnectionState, chain []*x509.Certificate) flow.Issuer {
	if len(chain) == 0 {
		return ""
	}
	leaf := chain[0]
	logged := len(state.SignedCertificateTimestamps) > 0
	for _, e := range leaf.Extensions {
		logged = logged || e.Id.Equal(timestamps())
	}
	switch {
	case !logged:
		return flow.IssuerPrivate
	case slices.Contains(leaf.Issuer.Organization, "Amazon"): // Amazon Trust Services, as all its intermediates have it
		return flow.IssuerAWS
	}
	return flow.IssuerPublic
}

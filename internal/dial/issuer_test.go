package dial

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"

	"detour/internal/flow"
)

func TestIssuer(t *testing.T) {
	leaf := func(organization string, extensions ...pkix.Extension) []*x509.Certificate {
		return []*x509.Certificate{{Issuer: pkix.Name{Organization: []string{organization}}, Extensions: extensions}}
	}
	logged := pkix.Extension{Id: sctListOID()}
	sent := tls.ConnectionState{SignedCertificateTimestamps: [][]byte{{1}}}
	for name, v := range map[string]struct {
		state tls.ConnectionState
		chain []*x509.Certificate
		want  flow.Issuer
	}{
		"Amazon's":                      {chain: leaf("Amazon", logged), want: flow.IssuerAWS},
		"a public CA's":                 {chain: leaf("DigiCert Inc", logged), want: flow.IssuerPublic},
		"logged, sent in the handshake": {state: sent, chain: leaf("DigiCert Inc"), want: flow.IssuerPublic},
		"a company's":                   {chain: leaf("Example Corp", pkix.Extension{Id: []int{2, 5, 29, 17}}), want: flow.IssuerPrivate},
		"one that calls itself Amazon":  {chain: leaf("Amazon"), want: flow.IssuerPrivate},
		"no certificate was sent":       {},
	} {
		if got := issuer(v.state, v.chain); got != v.want {
			t.Errorf("%s: %q, want %q", name, got, v.want)
		}
	}
}

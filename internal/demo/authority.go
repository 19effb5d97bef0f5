package demo

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"
)

// loggedExtension is where public CAs embed certificate-transparency timestamps (RFC
// 6962, 3.3). Amazon's certificates have it, so these do, too, with an empty list.
func loggedExtension() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}
}

// An Authority signs the certificates of simulated servers. Its key is only in memory.
type Authority struct {
	root *x509.Certificate
	key  crypto.Signer
}

// NewAuthority makes a root certificate that is good for a day.
func NewAuthority() (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	root := unsigned(1, "Lab root")
	root.IsCA, root.KeyUsage = true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		return nil, err
	}
	if root, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	return &Authority{root: root, key: key}, nil
}

// Root is the authority's own certificate.
func (a *Authority) Root() *x509.Certificate { return a.root }

// Issue makes a server's certificate for these names, with its chain and key.
func (a *Authority) Issue(names ...string) (tls.Certificate, error) {
	return a.IssueUntil(a.root.NotAfter, names...)
}

// IssueUntil makes a server's certificate that is valid until a time, for these names. The
// time may be in the past.
func (a *Authority) IssueUntil(notAfter time.Time, names ...string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf := unsigned(time.Now().UnixNano(), "Lab server")
	leaf.NotAfter = notAfter
	if !leaf.NotBefore.Before(notAfter) {
		leaf.NotBefore = notAfter.AddDate(0, -6, 0)
	}
	leaf.DNSNames, leaf.ExtKeyUsage = names, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	leaf.ExtraExtensions = []pkix.Extension{{Id: loggedExtension(), Value: []byte{0x04, 0x02, 0x00, 0x00}}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.root, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der, a.root.Raw}, PrivateKey: key}, nil
}

func unsigned(serial int64, name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{Organization: []string{"Amazon"}, CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), BasicConstraintsValid: true,
	}
}

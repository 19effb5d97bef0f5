package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"time"
)

// loggedExtension is where public CAs embed what logs promise (RFC 6962, 3.3): the
// lab's root plays Amazon's, whose certificates have it. The list in it is empty.
func loggedExtension() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}
}

// An authority signs the fake servers' certificate. It lives as long as the lab.
type authority struct {
	root  *x509.Certificate
	leaf  tls.Certificate // for the hosts of the lab
	other tls.Certificate // for another service's
}

// newAuthority makes a root, a certificate for all hosts of the lab, and another.
func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := func(serial int64, name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{Organization: []string{"Amazon"}, CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), BasicConstraintsValid: true,
		}
	}
	root := template(1, "Lab root")
	root.IsCA, root.KeyUsage = true, x509.KeyUsageCertSign
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		return nil, err
	}
	if root, err = x509.ParseCertificate(rootDER); err != nil {
		return nil, err
	}
	a := &authority{root: root}
	for i, names := range [][]string{hosts(), {"sqs." + Region + ".amazonaws.com"}} {
		leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		leaf := template(int64(2+i), "Lab server")
		leaf.DNSNames, leaf.ExtKeyUsage = names, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		leaf.ExtraExtensions = []pkix.Extension{{Id: loggedExtension(), Value: []byte{0x04, 0x02, 0x00, 0x00}}}
		der, err := x509.CreateCertificate(rand.Reader, leaf, root, leafKey.Public(), key)
		if err != nil {
			return nil, err
		}
		*[]*tls.Certificate{&a.leaf, &a.other}[i] = tls.Certificate{Certificate: [][]byte{der, rootDER}, PrivateKey: leafKey}
	}
	return a, nil
}

// pool trusts the lab and nobody else.
func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.root)
	return p
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})
}

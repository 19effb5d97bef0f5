package serve

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"time"
)

// Validity of a certificate. Clocks of two machines differ.
const (
	validBefore = 24 * time.Hour
	validAfter  = 30 * 24 * time.Hour
)

// newCertificate makes a certificate for an address of this machine, whose key is never
// stored. No authority signs it: whoever has the link compares its fingerprint, the SHA-256
// of the whole certificate, as browsers show it.
func newCertificate(ip net.IP, now time.Time) (cert tls.Certificate, fingerprint []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cert, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return cert, nil, err
	}
	template := x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "detour, a shared run"}, IPAddresses: []net.IP{ip},
		NotBefore: now.Add(-validBefore), NotAfter: now.Add(validAfter),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return cert, nil, err
	}
	sum := sha256.Sum256(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, sum[:], nil
}

package truststore

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// ErrNoRoots means that no root certificate of the system was found.
var ErrNoRoots = errors.New("the system's root certificates weren't found")

// SystemRoots returns the certificates that this system trusts, as PEM, for programs that
// take one file in place of the system's roots. On macOS and Windows they come from the
// system's store, elsewhere from the distribution's bundle.
func SystemRoots(ctx context.Context) ([]byte, error) {
	b, err := readRoots(ctx)
	if err != nil {
		return nil, err
	}
	if b = JoinPEM(b); len(b) == 0 {
		return nil, ErrNoRoots
	}
	return b, nil
}

// JoinPEM returns the certificates of several PEM files, each once. Anything else in the
// files, such as a private key, is left out.
func JoinPEM(files ...[]byte) []byte {
	var out bytes.Buffer
	seen := make(map[string]bool)
	for _, rest := range files {
		for {
			var b *pem.Block
			if b, rest = pem.Decode(rest); b == nil {
				break
			}
			if b.Type != "CERTIFICATE" || seen[string(b.Bytes)] {
				continue
			}
			if _, err := x509.ParseCertificate(b.Bytes); err != nil {
				continue // one that Go can't read may stop others from reading the rest
			}
			seen[string(b.Bytes)] = true
			_ = pem.Encode(&out, &pem.Block{Type: b.Type, Bytes: b.Bytes})
		}
	}
	return out.Bytes()
}

// Package sysroots reads the certificates that this system trusts, as PEM, for
// programs that take one file instead of the system's roots.
package sysroots

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// ErrNone means that no root of the system was found.
var ErrNone = errors.New("the system's roots weren't found")

// PEM returns the system's roots. On macOS and Windows it asks the system's own
// store, elsewhere it reads the bundle that the distribution keeps.
func PEM(ctx context.Context) ([]byte, error) {
	b, err := read(ctx)
	if err != nil {
		return nil, err
	}
	if b = Join(b); len(b) == 0 {
		return nil, ErrNone
	}
	return b, nil
}

// Join writes the certificates of several PEM files after one another, each once.
// Whatever else is in them, private keys too, is left out.
func Join(files ...[]byte) []byte {
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

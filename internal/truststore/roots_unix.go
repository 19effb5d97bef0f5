//go:build unix && !darwin

package truststore

import (
	"context"
	"os"
)

// readRoots reads the first bundle that exists.
func readRoots(context.Context) ([]byte, error) {
	for _, path := range []string{
		"/etc/ssl/certs/ca-certificates.crt",                // Debian, Arch, Alpine
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
		"/etc/pki/tls/certs/ca-bundle.crt",                  // older RHEL, Amazon Linux
		"/etc/ssl/ca-bundle.pem",                            // SUSE
		"/etc/ssl/cert.pem",                                 // the BSDs
	} {
		if b, err := os.ReadFile(path); err == nil {
			return b, nil
		}
	}
	return nil, ErrNoRoots
}

package certs

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// retiredPrefix begins the file names of retired roots.
const retiredPrefix = "retired-"

// retiredFile names the file that stores a replaced root's certificate. Trust
// stores may still have that root, and the certificate identifies it exactly.
func retiredFile(root *x509.Certificate) string {
	sum := sha256.Sum256(root.Raw)
	return retiredPrefix + hex.EncodeToString(sum[:8]) + ".pem"
}

// retire saves the root in dir, if there is one, before it is replaced.
func retire(dir string) error {
	root, err := readCertificate(filepath.Join(dir, rootFile))
	if err != nil {
		return nil //nolint:nilerr // none, or not a certificate, so nothing can trust it
	}
	return writePEM(filepath.Join(dir, retiredFile(root)), certificateBlock, root.Raw)
}

// A RetiredRoot is a root that is no longer used, but may still be trusted.
type RetiredRoot struct {
	Cert *x509.Certificate
	Path string // the PEM file with Cert
}

// Forget deletes the root's certificate file. Afterwards, nothing can tell which
// trust stores still have the root.
func (r RetiredRoot) Forget() error { return os.Remove(r.Path) }

// Retired returns the roots that dir had before, and its present one if the key is
// missing. If dir doesn't exist, it returns none and no error.
func Retired(dir string) ([]RetiredRoot, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	keyless := true
	for _, e := range entries {
		keyless = keyless && e.Name() != keyFile
	}
	var out []RetiredRoot
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), retiredPrefix) && (e.Name() != rootFile || !keyless) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		c, err := readCertificate(path)
		if err != nil {
			return nil, err
		}
		out = append(out, RetiredRoot{Cert: c, Path: path})
	}
	return out, nil
}

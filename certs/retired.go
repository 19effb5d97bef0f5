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

// retiredFile is where a root is kept that another one took the place of, without
// any key: some trust store may still have it, and only the certificate tells
// exactly what is to be taken out there.
func retiredFile(root *x509.Certificate) string {
	sum := sha256.Sum256(root.Raw)
	return retiredPrefix + hex.EncodeToString(sum[:8]) + ".pem"
}

// retire keeps the root in dir, if there is one, before it is replaced.
func retire(dir string) error {
	root, err := readCertificate(filepath.Join(dir, rootFile))
	if err != nil {
		return nil //nolint:nilerr // none, or nothing that anybody can have trusted
	}
	return writePEM(filepath.Join(dir, retiredFile(root)), certificateBlock, root.Raw)
}

// A RetiredRoot is one that nothing is signed in the name of any more.
type RetiredRoot struct {
	Cert *x509.Certificate
	Path string // its PEM
}

// Forget removes what is kept of the root. There is no telling afterwards what
// trusts it.
func (r RetiredRoot) Forget() error { return os.Remove(r.Path) }

// Retired are the roots that dir had before, and its present one if that has
// lost its key. Without dir there are none.
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

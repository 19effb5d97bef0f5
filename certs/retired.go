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

// Retired are the roots that dir had before, and its present one if that has
// lost its key: nothing is signed in their name any more. Without dir there are none.
func Retired(dir string) ([]*x509.Certificate, error) {
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
	var out []*x509.Certificate
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), retiredPrefix) && (e.Name() != rootFile || !keyless) {
			continue
		}
		c, err := readCertificate(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Forget removes what dir keeps of a root that Retired has named.
func Forget(dir string, root *x509.Certificate) error {
	path := filepath.Join(dir, retiredFile(root))
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		path = filepath.Join(dir, rootFile)
		if c, err := readCertificate(path); err != nil || !c.Equal(root) {
			return err
		}
	}
	return os.Remove(path)
}

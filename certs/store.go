package certs

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// The files of a chain. The key is written last: a directory without it holds
// no chain.
const (
	rootFile  = "ca.pem"
	interFile = "intermediate.pem"
	keyFile   = "intermediate-key.pem"
)

// Open loads the chain in dir, or makes one there. A chain that nears its end,
// or doesn't permit every suffix in permitted, is made anew (see CA.Renewed). A
// damaged one is an error: it may be what a person's browsers trust.
func Open(dir string, permitted []string, now time.Time) (*CA, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	defer unlock()
	ca, reason, err := load(dir, permitted, now)
	if err != nil {
		return nil, fmt.Errorf("signing chain in %s: %w; remove the directory to make a new one", dir, err)
	}
	if ca == nil {
		if ca, err = create(dir, permitted, now); err != nil {
			return nil, fmt.Errorf("signing chain in %s: %w", dir, err)
		}
		ca.renewed = reason
	}
	ca.path = filepath.Join(dir, rootFile)
	return ca, nil
}

// load returns nil without an error if there is no chain, or, with the reason,
// if it has to be replaced.
func load(dir string, permitted []string, now time.Time) (*CA, string, error) {
	keyPath := filepath.Join(dir, keyFile)
	info, err := os.Stat(keyPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return nil, "", fmt.Errorf("%s is open to others (mode %04o): they may have copied the key", keyFile, mode)
	}
	root, err := readCertificate(filepath.Join(dir, rootFile))
	if err != nil {
		return nil, "", err
	}
	inter, err := readCertificate(filepath.Join(dir, interFile))
	if err != nil {
		return nil, "", err
	}
	key, err := readKey(keyPath)
	if err != nil {
		return nil, "", err
	}
	if err := inter.CheckSignatureFrom(root); err != nil {
		return nil, "", fmt.Errorf("%s isn't signed by %s: %w", interFile, rootFile, err)
	}
	if !key.PublicKey.Equal(inter.PublicKey) {
		return nil, "", fmt.Errorf("%s and %s don't belong together", keyFile, interFile)
	}
	if now.Add(renewBefore).After(inter.NotAfter) {
		return nil, "the old one ends on " + inter.NotAfter.Format(time.DateOnly), nil
	}
	for _, s := range permitted {
		if !slices.Contains(inter.PermittedDNSDomains, s) {
			return nil, "the old one may not sign for " + s, nil
		}
	}
	ca, err := newCA(root, inter, key)
	return ca, "", err
}

func create(dir string, permitted []string, now time.Time) (*CA, error) {
	root, inter, key, err := newChain(permitted, now)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name, kind string
		der        []byte
	}{
		{rootFile, "CERTIFICATE", root.Raw},
		{interFile, "CERTIFICATE", inter.Raw},
		{keyFile, "PRIVATE KEY", der},
	} {
		b := pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.der})
		if err := writeAside(filepath.Join(dir, f.name), b); err != nil {
			return nil, err
		}
	}
	return newCA(root, inter, key)
}

// writeAside replaces a file whole or not at all, readable by its owner only.
func writeAside(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails once it is renamed, as it should
	_, err = tmp.Write(b)
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func readCertificate(path string) (*x509.Certificate, error) {
	der, err := readPEM(path, "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return c, nil
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	der, err := readPEM(path, "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	k, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	key, ok := k.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: not an ECDSA key", filepath.Base(path))
	}
	return key, nil
}

func readPEM(path, kind string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("%s: no PEM block %q", filepath.Base(path), kind)
	}
	return block.Bytes, nil
}

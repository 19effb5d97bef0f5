package certs

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// The files of a chain. The key is written last and removed first: a directory
// without it holds no chain, whatever else an interrupted run has left there.
const (
	rootFile  = "ca.pem"
	interFile = "intermediate.pem"
	keyFile   = "intermediate-key.pem"
)

// Open loads the chain in dir, or makes one there; both dir and the key are for
// their owner only. permitted are the DNS suffixes, at least one, that the chain
// must be able to sign for: "amazonaws.com" covers itself and all names below.
//
// A chain that nears its end, or doesn't permit every suffix, is made anew (see
// CA.Renewed). A damaged one is an error: it may be what a person's browsers
// trust. Programs that Open one dir at the same time get the same chain.
func Open(dir string, permitted []string, now time.Time) (*CA, error) {
	want, err := only(permitted)
	if err != nil {
		return nil, err
	}
	return open(dir, want, now)
}

// OpenUnconstrained is Open for a chain that signs for every host and address.
// Whoever gets at its key can impersonate all of the web to what trusts its root.
//
// Neither function takes the other's chain: a directory with one is an error.
func OpenUnconstrained(dir string, now time.Time) (*CA, error) {
	return open(dir, scope{every: true}, now)
}

func open(dir string, want scope, now time.Time) (*CA, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	unlock, err := hold(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	c, missing, err := load(dir)
	if err != nil {
		return nil, fmt.Errorf("signing chain in %s: %w; remove the directory to make a new one", dir, err)
	}
	reason := missing
	if c.key != nil {
		if err := c.mixedUp(want); err != nil {
			return nil, fmt.Errorf("signing chain in %s: %w", dir, err)
		}
		// A clock that was set back mends, a root that was replaced has to be trusted again.
		if now.Before(c.inter.NotBefore) {
			return nil, fmt.Errorf("signing chain in %s: begins on %s, but this machine's clock says %s; set the clock",
				dir, c.inter.NotBefore.Format(time.DateOnly), now.Format(time.DateOnly))
		}
		reason = c.unfit(want, now)
	}
	if c.key == nil || reason != "" {
		if c, err = create(dir, want, now); err != nil {
			return nil, fmt.Errorf("signing chain in %s: %w", dir, err)
		}
	}
	return onDisk(c, dir, reason)
}

func onDisk(c chain, dir, renewed string) (*CA, error) {
	ca, err := newCA(c)
	if err != nil {
		return nil, err
	}
	ca.path, ca.renewed = filepath.Join(dir, rootFile), renewed
	return ca, nil
}

// Load returns the chain in dir, whatever it may sign for and however near its
// end. Without one there the error wraps fs.ErrNotExist, and nothing is made.
func Load(dir string) (*CA, error) {
	if _, err := os.Stat(filepath.Join(dir, keyFile)); err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	unlock, err := hold(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	c, _, err := load(dir)
	if err == nil && c.key == nil {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("signing chain in %s: %w", dir, err)
	}
	return onDisk(c, dir, "")
}

// Rotate makes another chain for the same names in place of ca, which must be one
// of a directory and goes on to work until it is let go. The old root is among the
// Retired ones then.
func (ca *CA) Rotate(now time.Time) (*CA, error) {
	dir := filepath.Dir(ca.path)
	if ca.path == "" {
		return nil, errors.New("signing chain: it is in memory only")
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	defer unlock()
	c, err := create(dir, ca.scope(), now)
	if err != nil {
		return nil, fmt.Errorf("signing chain in %s: %w", dir, err)
	}
	return onDisk(c, dir, "it was asked for")
}

// hold locks a directory that is fit to have a chain.
func hold(dir string) (unlock func(), err error) {
	if err := checkDir(dir); err != nil {
		return nil, fmt.Errorf("signing chain in %s: %w", dir, err)
	}
	if unlock, err = lock(dir); err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	return unlock, nil
}

// checkDir refuses a directory in which others could exchange the certificate
// that its owner is about to trust.
func checkDir(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o022 != 0 {
		return fmt.Errorf("others may write to this directory (mode %04o); chmod 700 %s", mode, dir)
	}
	return nil
}

// load reads a chain and checks that its parts belong together. The chain has no
// key if there is none; then missing says what was lost, if anything was.
func load(dir string) (c chain, missing string, err error) {
	rootPath, keyPath := filepath.Join(dir, rootFile), filepath.Join(dir, keyFile)
	info, err := os.Stat(keyPath)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(rootPath); err == nil {
			missing = "the old one has lost its key"
		}
		return chain{}, missing, nil
	}
	if err != nil {
		return chain{}, "", err
	}
	// Tightening the mode would hide that others had their chance to copy the key.
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return chain{}, "", fmt.Errorf("%s is open to others (mode %04o), who may have copied it", keyFile, mode)
	}
	if c.root, err = readCertificate(rootPath); err != nil {
		return chain{}, "", err
	}
	if c.inter, err = readCertificate(filepath.Join(dir, interFile)); err != nil {
		return chain{}, "", err
	}
	if c.key, err = readKey(keyPath); err != nil {
		return chain{}, "", err
	}
	if err := c.inter.CheckSignatureFrom(c.root); err != nil {
		return chain{}, "", fmt.Errorf("%s isn't signed by %s: %w", interFile, rootFile, err)
	}
	if !c.key.PublicKey.Equal(c.inter.PublicKey) {
		return chain{}, "", fmt.Errorf("%s and %s don't belong together", keyFile, interFile)
	}
	return c, "", nil
}

// create makes a chain in dir, in place of one that may be there.
func create(dir string, want scope, now time.Time) (chain, error) {
	if err := retire(dir); err != nil {
		return chain{}, err
	}
	c, err := newChain(want, now)
	if err != nil {
		return chain{}, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(c.key)
	if err != nil {
		return chain{}, err
	}
	if err := os.Remove(filepath.Join(dir, keyFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return chain{}, err
	}
	for _, f := range []struct {
		name, kind string
		der        []byte
	}{
		{rootFile, certificateBlock, c.root.Raw},
		{interFile, certificateBlock, c.inter.Raw},
		{keyFile, keyBlock, key},
	} {
		if err := writePEM(filepath.Join(dir, f.name), f.kind, f.der); err != nil {
			return chain{}, err
		}
	}
	return c, nil
}

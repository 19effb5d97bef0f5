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

	"detour/internal/privatedir"
)

// The files of a chain. The key is written last and removed first: a directory
// without it has no chain, whatever else an interrupted run left there.
const (
	rootFile  = "ca.pem"
	interFile = "intermediate.pem"
	keyFile   = "intermediate-key.pem"
)

// Open loads the chain in dir, or creates dir and a chain there that only its owner
// can read. permitted lists at least one DNS suffix that the chain must be able to
// sign for: "amazonaws.com" covers itself and all its subdomains.
//
// A chain that expires within 30 days, or that doesn't cover every suffix, is
// replaced (see [CA.Renewed]). A damaged chain is an error, because browsers may
// still trust it, and so is an unconstrained one. Processes that open one directory
// at the same time get the same chain.
func Open(dir string, permitted []string, now time.Time) (*CA, error) {
	want, err := limitedTo(permitted)
	if err != nil {
		return nil, err
	}
	return open(dir, want, now)
}

// OpenUnconstrained is like [Open] for a chain that signs for every host and IP
// address. Whoever obtains its key can impersonate the whole web to anything that
// trusts its root. A constrained chain in dir is an error.
func OpenUnconstrained(dir string, now time.Time) (*CA, error) {
	return open(dir, scope{unlimited: true}, now)
}

func open(dir string, want scope, now time.Time) (*CA, error) {
	if err := privatedir.Make(dir); err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	defer unlock()
	c, missing, err := load(dir)
	if err != nil {
		return nil, fmt.Errorf("signing chain in %s: %w; remove the directory to create a new chain", dir, err)
	}
	reason := missing
	if c.key != nil {
		if err := c.checkKind(want); err != nil {
			return nil, fmt.Errorf("signing chain in %s: %w", dir, err)
		}
		// Correcting the clock is easier than trusting a new root.
		if now.Before(c.inter.NotBefore) {
			return nil, fmt.Errorf("signing chain in %s: not valid before %s, but this machine's clock says %s; set the clock",
				dir, c.inter.NotBefore.Format(time.DateOnly), now.Format(time.DateOnly))
		}
		reason = c.renewalReason(want, now)
	}
	if c.key == nil || reason != "" {
		if c, err = create(dir, want, now); err != nil {
			return nil, fmt.Errorf("signing chain in %s: %w", dir, err)
		}
	}
	return newStored(c, dir, reason)
}

func newStored(c chain, dir, renewed string) (*CA, error) {
	ca, err := newCA(c)
	if err != nil {
		return nil, err
	}
	ca.path, ca.renewed = filepath.Join(dir, rootFile), renewed
	return ca, nil
}

// Load returns the chain in dir as it is, constrained or not, even if it is about to
// expire. If there is none, it creates nothing and the error wraps [fs.ErrNotExist].
func Load(dir string) (*CA, error) {
	if _, err := os.Stat(filepath.Join(dir, keyFile)); err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	if err := privatedir.Check(dir); err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, fmt.Errorf("signing chain: %w", err)
	}
	defer unlock()
	c, _, err := load(dir)
	if err == nil && c.key == nil {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("signing chain in %s: %w", dir, err)
	}
	return newStored(c, dir, "")
}

// Rotate replaces ca, which must be stored in a directory, with a new chain for the
// same names. ca itself still works, and [Retired] lists its root.
func (ca *CA) Rotate(now time.Time) (*CA, error) {
	dir := filepath.Dir(ca.path)
	if ca.path == "" {
		return nil, errors.New("signing chain: can't rotate a chain that is only in memory")
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
	return newStored(c, dir, "rotated on request")
}

// load reads a chain and checks that its parts match. Without a key file, c is zero,
// and missing says what is missing if there is a root.
func load(dir string) (c chain, missing string, err error) {
	rootPath, keyPath := filepath.Join(dir, rootFile), filepath.Join(dir, keyFile)
	info, err := os.Stat(keyPath)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(rootPath); err == nil {
			missing = "the old one's private key is missing"
		}
		return chain{}, missing, nil
	}
	if err != nil {
		return chain{}, "", err
	}
	// Fixing the mode would hide that other users could have copied the key.
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return chain{}, "", fmt.Errorf("other users have access to %s (mode %04o) and may have copied it", keyFile, mode)
	}
	for _, name := range []string{rootFile, interFile, keyFile} {
		if err := privatedir.Check(filepath.Join(dir, name)); err != nil { // its owner could put another in its place
			return chain{}, "", err
		}
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
		return chain{}, "", fmt.Errorf("%s isn't the key of %s", keyFile, interFile)
	}
	return c, "", nil
}

// create creates a chain in dir and replaces the one there, if any.
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

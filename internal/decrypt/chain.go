package decrypt

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"detour/certs"
	"detour/internal/usererr"
)

// ErrNoDirectory says that a chain has to be on disk and has no directory.
var ErrNoDirectory = errors.New("the signing chain has no directory")

// A Chain says where a signing chain is and what it may sign for. It may not exist yet.
type Chain struct {
	Dir   string   // "": it can be in memory only
	Names []string // domains it may sign for
	Every bool     // it may sign for every host; then there are no Names
}

// Chains returns the signing chains that s needs, at least one. dir is the directory of
// AWS's chain, whose domains are suffixes; the other chains are below it. Each set of
// names has a directory of its own, so what a chain may sign for never changes.
func (s Selection) Chains(dir string, suffixes []string) (out []Chain) {
	below := func(name string) string {
		if dir == "" {
			return ""
		}
		return filepath.Join(dir, name)
	}
	if s.All {
		return []Chain{{Dir: below("all"), Every: true}}
	}
	if extra := slices.Sorted(slices.Values(s.Extra())); len(extra) > 0 {
		sum := sha256.Sum256([]byte(strings.Join(extra, ",")))
		out = append(out, Chain{Dir: below("extra-" + hex.EncodeToString(sum[:4])), Names: extra})
	}
	if s.AWS || len(out) == 0 {
		out = append(out, Chain{Dir: dir, Names: suffixes})
	}
	return out
}

// Open opens the chain, or creates it: on disk, or in memory. One that is on disk
// already is used in either case, since something may trust it. It returns
// [ErrNoDirectory] if the chain has none and may not be in memory.
func (c Chain) Open(inMemory bool, now time.Time) (*certs.CA, error) {
	if c.Dir == "" && !inMemory {
		return nil, ErrNoDirectory
	}
	if inMemory && c.Dir != "" {
		if _, err := certs.Load(c.Dir); !errors.Is(err, fs.ErrNotExist) {
			inMemory = false
		}
	}
	switch {
	case inMemory && c.Every:
		return certs.EphemeralUnconstrained(now)
	case inMemory:
		return certs.Ephemeral(c.Names, now)
	case c.Every:
		return certs.OpenUnconstrained(c.Dir, now)
	}
	return certs.Open(c.Dir, c.Names, now)
}

// Load returns the chain that is on disk; nil if there is none.
func (c Chain) Load() (*certs.CA, error) {
	ca, err := certs.Load(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no chain is an ordinary state
	}
	return ca, err
}

// Existing returns the chain that is on disk; that there is none is a [usererr.Error].
func (c Chain) Existing() (*certs.CA, error) {
	ca, err := c.Load()
	if err == nil && ca == nil {
		err = usererr.Failf("detour ca trust creates one, and so does detour --browser none", "there is no signing chain in %s", c.Dir)
	}
	return ca, err
}

// RootFile is the absolute path of the certificate to trust.
func (c Chain) RootFile() string {
	path := filepath.Join(c.Dir, "ca.pem")
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// Replace creates another chain in place of old, which is the one on disk. With
// inMemory nothing on disk changes, and the chain is in memory.
func (c Chain) Replace(old *certs.CA, inMemory bool, now time.Time) (*certs.CA, error) {
	switch {
	case inMemory && c.Every:
		return certs.EphemeralUnconstrained(now)
	case inMemory:
		return certs.Ephemeral(c.Names, now)
	}
	ca, err := c.Open(false, now)
	if err != nil || !ca.Root().Equal(old.Root()) { // it was due for renewal anyway
		return ca, err
	}
	return ca.Rotate(now)
}

package main

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
	"detour/internal/aws"
)

// A chainSpec is a signing chain that --decrypt asks for: where it is and what it
// may sign for.
type chainSpec struct {
	dir   string
	names []string // DNS suffixes
	every bool     // every host; then there are no names
}

// chainDir is the directory of AWS's chain; "" if there is none. The others are below it.
func (o *runOptions) chainDir() string {
	if o.caDir != "" {
		return o.caDir
	}
	return stateFile("ca")
}

// chains are the signing chains for what is wanted, at least one. Each set of names
// has a directory of its own, so that what one may sign for never changes. Without a
// directory they can be in memory only.
func (w wanted) chains(dir string, tables *aws.Tables) (out []chainSpec) {
	below := func(name string) string {
		if dir == "" {
			return ""
		}
		return filepath.Join(dir, name)
	}
	if w.every {
		return []chainSpec{{dir: below("all"), every: true}}
	}
	if extra := slices.Sorted(slices.Values(slices.Concat(w.hosts, w.suffixes))); len(extra) > 0 {
		sum := sha256.Sum256([]byte(strings.Join(extra, ",")))
		out = append(out, chainSpec{dir: below("extra-" + hex.EncodeToString(sum[:4])), names: extra})
	}
	if w.aws || len(out) == 0 {
		out = append(out, chainSpec{dir: dir, names: tables.Suffixes()})
	}
	return out
}

// open opens the chain, or makes it: on disk, or, with inMemory, off it. One that
// is on disk already is used in any case, since something may trust it.
func (s chainSpec) open(inMemory bool, now time.Time) (*certs.CA, error) {
	if s.dir == "" && !inMemory {
		return nil, noState()
	}
	if inMemory && s.dir != "" {
		if _, err := certs.Load(s.dir); !errors.Is(err, fs.ErrNotExist) {
			inMemory = false
		}
	}
	switch {
	case inMemory && s.every:
		return certs.EphemeralUnconstrained(now)
	case inMemory:
		return certs.Ephemeral(s.names, now)
	case s.every:
		return certs.OpenUnconstrained(s.dir, now)
	}
	return certs.Open(s.dir, s.names, now)
}

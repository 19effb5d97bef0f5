// Package truststore adds one root certificate to the trust stores of a machine, and
// removes exactly that one again.
//
// [Machine.Stores] finds the stores. [Trust] and [Untrust] look into each, and plan the
// commands that change it; only [Plan.Apply] runs them. A certificate is identified by its
// bytes, never by its name alone, and nothing else in a store is changed.
//
// [SystemRoots] reads what the system trusts.
package truststore

import (
	"context"
	"crypto/sha1" //nolint:gosec // the name of a certificate on Windows and macOS, not a proof
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
)

// A Root is a certificate to trust.
type Root struct {
	Cert *x509.Certificate
	File string // PEM, for commands to read
}

// name is what stores list it under. It ends with a part of its key's hash, so two of
// detour's roots never have the same.
func (r Root) name() string { return r.Cert.Subject.CommonName }

func (r Root) sha1() string {
	sum := sha1.Sum(r.Cert.Raw) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

func (r Root) sha256() string {
	sum := sha256.Sum256(r.Cert.Raw)
	return hex.EncodeToString(sum[:])
}

// in counts the PEM blocks in b, and those of them that are r.
func (r Root) in(b []byte) (all, ours int) {
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		all++
		if string(block.Bytes) == string(r.Cert.Raw) {
			ours++
		}
	}
	return all, ours
}

// Kinds of store.
const (
	System = "system" // what the operating system's programs trust
	NSS    = "nss"    // what Firefox, and on Linux Chrome, trust on their own
)

// A Store is one trust store of a machine.
type Store interface {
	// Name says for people which store it is, and where.
	Name() string
	// Kind is System or NSS.
	Kind() string
	// Find looks for r and changes nothing. The error may be an *Error.
	Find(ctx context.Context, run Runner, r Root) (Found, error)
	// Add plans the steps after which r is trusted. The error may be an *Error.
	Add(r Root) ([]Step, error)
	// Remove plans the steps that remove what Find has found.
	Remove(r Root, f Found) ([]Step, error)
}

// Found is what a store has of a certificate. The zero value means nothing.
type Found struct {
	Trusted    bool     // it is in effect
	Distrusted bool     // it is also among those that nobody may trust, so it isn't in effect
	Names      []string // of its entries: files or nicknames
}

// Nothing reports whether the store has no trace of the certificate.
func (f Found) Nothing() bool { return !f.Trusted && len(f.Names) == 0 }

// A Step is one command of a plan.
type Step struct {
	Say  string       // what it does, in the imperative
	Args []string     // the program first
	Do   func() error // has the command's effect and is used in its place; nil: the command is run
}

func (s Step) run(ctx context.Context, run Runner) error {
	if s.Do != nil {
		return s.Do()
	}
	_, err := run(ctx, s.Args)
	return err
}

// An Error says why a store can't be read or changed, and what a person can do about
// it.
type Error struct {
	Err  error
	Hint string
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

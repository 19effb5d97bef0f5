// Package truststore puts one root certificate into the places where a machine's
// programs look for what they trust, and takes exactly that one out again.
//
// Each place is a Store. It looks whether it has the certificate, and plans the
// commands that change that; planning runs nothing. A certificate is always told by
// its bytes, never by its name alone, and nothing else in a store is touched.
package truststore

import (
	"context"
	"crypto/sha1" //nolint:gosec // the name that Windows and macOS know a certificate by, not a proof
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
)

// A Root is a certificate to trust.
type Root struct {
	Cert *x509.Certificate
	File string // PEM, which commands read
}

// name is what stores list it under. It ends in a part of its key's hash, so that
// no two of ours share it.
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
	NSS    = "nss"    // what Firefox, and on Linux Chrome, keep for themselves
)

// A Store is one place with trusted certificates.
type Store interface {
	// Name is what a person calls it, and where it is.
	Name() string
	// Kind is System or NSS.
	Kind() string
	// Find looks for r and changes nothing. The error may be an *Error.
	Find(ctx context.Context, run Runner, r Root) (Found, error)
	// Add plans how r comes to be trusted. The error may be an *Error.
	Add(r Root) ([]Step, error)
	// Remove plans how what Find has found of r goes away.
	Remove(r Root, f Found) ([]Step, error)
}

// Found is what a store has of a certificate. The zero value is nothing.
type Found struct {
	Trusted bool     // it is there, and has effect
	Names   []string // under which it is kept: files or nicknames
}

// Nothing reports whether the store is as if the certificate had never been.
func (f Found) Nothing() bool { return !f.Trusted && len(f.Names) == 0 }

// A Step is one command, planned and not run.
type Step struct {
	Say  string   // what it does, in the imperative
	Args []string // the program first
}

// An Error says why a store can't be looked at or changed, and what a person can
// do about it.
type Error struct {
	Err  error
	Hint string
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

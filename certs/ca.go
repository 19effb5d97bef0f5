// Package certs is the signing chain behind interception: a root to trust, one
// intermediate that may sign for the given DNS suffixes only, and a leaf for each
// host.
//
// The root signs the intermediate and then its private key is gone: it is never
// written and never returned. So whoever gets at the intermediate's key can
// impersonate the domains in its name constraints to this machine, and nothing
// beyond, and no second intermediate can be made.
//
// A chain without constraints has functions of its own, OpenUnconstrained and
// EphemeralUnconstrained, and its certificates say so in their names. Neither kind
// is ever taken for the other.
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"time"
)

// A CA signs leaves. It may be used concurrently.
type CA struct {
	chain
	leafKey *ecdsa.PrivateKey // one for all leaves, in memory only: a stable SPKI, and cheaper
	path    string
	renewed string
	now     func() time.Time
	leaves  cache
}

// Ephemeral makes a chain that lives in memory only. permitted are the DNS
// suffixes that it may sign for, as in Open.
func Ephemeral(permitted []string, now time.Time) (*CA, error) {
	want, err := only(permitted)
	if err != nil {
		return nil, err
	}
	return inMemory(want, now)
}

// EphemeralUnconstrained makes a chain in memory that signs for every host and
// address, see OpenUnconstrained.
func EphemeralUnconstrained(now time.Time) (*CA, error) {
	return inMemory(scope{every: true}, now)
}

func inMemory(want scope, now time.Time) (*CA, error) {
	c, err := newChain(want, now)
	if err != nil {
		return nil, err
	}
	return newCA(c)
}

func newCA(c chain) (*CA, error) {
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return &CA{chain: c, leafKey: leafKey, now: time.Now}, nil
}

// RootPEM is the certificate to trust.
func (ca *CA) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.root.Raw})
}

// Root is the certificate to trust. It is shared: it must not be written to.
func (ca *CA) Root() *x509.Certificate { return ca.root }

// Permitted are the DNS suffixes that the chain may sign for; nil if it is an
// unconstrained one. It is shared: it must not be written to.
func (ca *CA) Permitted() []string { return ca.inter.PermittedDNSDomains }

// Unconstrained reports whether the chain may sign for every host.
func (ca *CA) Unconstrained() bool { return ca.unconstrained() }

// RootFingerprint is the SHA-256 of the root, lower-case hex.
func (ca *CA) RootFingerprint() string {
	sum := sha256.Sum256(ca.root.Raw)
	return hex.EncodeToString(sum[:])
}

// NotAfter is the end of the chain.
func (ca *CA) NotAfter() time.Time { return ca.inter.NotAfter }

// Path is the file with RootPEM; "" if the chain is in memory only.
func (ca *CA) Path() string { return ca.path }

// Renewed says why Open made a new chain in place of one that was there; "" if
// it didn't. Whoever trusted the old root has to trust the new one.
func (ca *CA) Renewed() string { return ca.renewed }

// SPKI is the value for Chromium's --ignore-certificate-errors-spki-list: the
// base64 SHA-256 of the intermediate's public key. Chromium looks for it among
// the certificates that the server sends, and the intermediate is sent along with
// each leaf; it is stable over restarts, which the leaves' key isn't.
func (ca *CA) SPKI() string {
	sum := sha256.Sum256(ca.inter.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

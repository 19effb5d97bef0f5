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

// A CA signs leaf certificates with one chain. Make one with [Open], [Ephemeral],
// [Load] or their Unconstrained variants; the zero value isn't usable. It is safe
// for concurrent use.
type CA struct {
	chain
	leafKey *ecdsa.PrivateKey // of all leaves; in memory only
	spki    string            // hash of its public key
	path    string
	renewed string
	now     func() time.Time
	leaves  cache
}

// Ephemeral creates a chain in memory. permitted lists the DNS suffixes that it
// can sign for, as in [Open].
func Ephemeral(permitted []string, now time.Time) (*CA, error) {
	want, err := limitedTo(permitted)
	if err != nil {
		return nil, err
	}
	return newEphemeral(want, now)
}

// EphemeralUnconstrained creates a chain in memory that signs for every host and
// IP address; see [OpenUnconstrained].
func EphemeralUnconstrained(now time.Time) (*CA, error) {
	return newEphemeral(scope{unlimited: true}, now)
}

func newEphemeral(want scope, now time.Time) (*CA, error) {
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
	public, err := x509.MarshalPKIXPublicKey(&leafKey.PublicKey)
	if err != nil {
		return nil, err
	}
	spki := sha256.Sum256(public)
	return &CA{chain: c, leafKey: leafKey, spki: base64.StdEncoding.EncodeToString(spki[:]), now: time.Now}, nil
}

// RootPEM returns the certificate to trust as a PEM block.
func (ca *CA) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.root.Raw})
}

// Root returns the certificate to trust. It is shared; don't modify it.
func (ca *CA) Root() *x509.Certificate { return ca.root }

// Permitted returns the DNS suffixes that the chain can sign for, or nil if the
// chain is unconstrained. The slice is shared; don't modify it.
func (ca *CA) Permitted() []string { return ca.inter.PermittedDNSDomains }

// Unconstrained reports whether the chain can sign for every host and IP address.
func (ca *CA) Unconstrained() bool { return ca.unconstrained() }

// RootFingerprint returns the SHA-256 of the root, in lower-case hex.
func (ca *CA) RootFingerprint() string {
	sum := sha256.Sum256(ca.root.Raw)
	return hex.EncodeToString(sum[:])
}

// NotAfter returns when the chain expires.
func (ca *CA) NotAfter() time.Time { return ca.inter.NotAfter }

// Path returns the path of the root's PEM file, or "" if the chain is only in
// memory.
func (ca *CA) Path() string { return ca.path }

// Renewed returns why this chain replaced an earlier one in its directory, as a
// phrase to show in parentheses, or "" if it didn't. Clients that trusted the old
// root must be made to trust the new one.
func (ca *CA) Renewed() string { return ca.renewed }

// SPKI returns the value for Chromium's --ignore-certificate-errors-spki-list: the
// base64 SHA-256 of the leaves' public key, which only this process has. Chromium accepts
// every chain that a certificate of a listed key is part of, in any order and for any
// name. The intermediate's key would do as well, but its certificate stays the same for
// as long as the chain is kept, and whoever has seen it could append it to a chain of
// their own.
func (ca *CA) SPKI() string { return ca.spki }

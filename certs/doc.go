// Package certs makes the certificates that a TLS-intercepting proxy presents.
//
// [Open] loads or creates a signing chain in a directory, [Ephemeral] creates one
// in memory. Have clients trust [CA.Root]; [CA.Leaf] then returns a certificate
// for each host they connect to.
//
// A chain has a root and one intermediate, whose name constraints (RFC 5280,
// 4.2.1.10) limit it to the given DNS suffixes and exclude all IP addresses. The
// root's private key is discarded once the intermediate is signed: it is never
// written or returned. So whoever obtains the intermediate's key can impersonate
// those domains to anything that trusts the root, but no others, and can't create
// another intermediate.
//
// [OpenUnconstrained] and [EphemeralUnconstrained] make chains without name
// constraints, marked as such in the names of their certificates. A chain of one
// kind is never loaded, or replaced, as one of the other.
package certs

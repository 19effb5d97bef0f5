// Package decrypt decides which hosts' connections are decrypted, and which signing
// chain signs for each. [Parse] reads the value of --decrypt, [Open] opens its chains
// and gives the [Policy] that a proxy works by; a [Passthrough] takes hosts out of it
// while the proxy runs.
package decrypt

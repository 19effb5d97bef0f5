// Package uuid stands in for github.com/hashicorp/go-uuid, which gokrb5 uses for the name of
// a session, and whose licence (MPL 2.0) detour doesn't want to pass on. go.mod replaces
// that module with this one.
package uuid

import (
	"crypto/rand"
	"fmt"
)

// GenerateUUID returns a random UUID (RFC 9562, 5.4).
func GenerateUUID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

//go:build unix

package peeruser

import users "os/user"

// nameOf is a user as a person knows it.
func nameOf(id string) string {
	if u, err := users.LookupId(id); err == nil {
		return u.Username + " (user " + id + ")"
	}
	return "user " + id
}

//go:build unix

package privatedir

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

const hasModes = true

// OwnerOnly does nothing here, where files are created with such a mode.
func OwnerOnly(string) {}

// ownerOf returns a file's owner if it isn't this process's effective user.
func ownerOf(_ string, info fs.FileInfo) *owner {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(st.Uid) == os.Geteuid() {
		return nil
	}
	return &owner{name: nameOf(int(st.Uid)), we: nameOf(os.Geteuid()), trusted: st.Uid == 0}
}

// nameOf is a user's name, if the system knows it.
func nameOf(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return "user " + strconv.Itoa(uid)
}

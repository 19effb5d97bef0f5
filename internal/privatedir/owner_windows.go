package privatedir

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// hasModes is false: Windows has access control lists, which Go's modes don't show.
// Directories in a user's profile inherit theirs, which admits the user, the
// administrators and the system.
const hasModes = false

// ownerOf returns a file's owner if it isn't this process's user. Administrators and the
// system pass: what an elevated process creates is theirs. A file system that has no
// owners, as FAT, tells nothing.
func ownerOf(path string, _ fs.FileInfo) *owner {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return nil
	}
	sid, _, err := sd.Owner()
	if err != nil || sid == nil {
		return nil
	}
	self, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil || sid.Equals(self.User.Sid) {
		return nil
	}
	for _, known := range []windows.WELL_KNOWN_SID_TYPE{windows.WinBuiltinAdministratorsSid, windows.WinLocalSystemSid} {
		if sid.IsWellKnown(known) {
			return nil
		}
	}
	return &owner{name: nameOf(sid), we: nameOf(self.User.Sid)}
}

// nameOf is an account's name, if the system knows it.
func nameOf(sid *windows.SID) string {
	if account, domain, _, err := sid.LookupAccount(""); err == nil {
		return domain + `\` + account
	}
	return sid.String()
}

package privatedir

import (
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// hasModes is false: Windows has access control lists, which Go's modes don't show.
const hasModes = false

// ownersAlone is the list that admits the user, the administrators and the system, in the
// security descriptor definition language. P keeps out what the directory above admits, and
// the flags (OICI) pass the list on to what is created in a directory.
const ownersAlone = "D:P(A;%[1]s;FA;;;%[2]s)(A;%[1]s;FA;;;SY)(A;%[1]s;FA;;;BA)"

// OwnerOnly makes a file or a directory its user's alone, as modes 600 and 700 do elsewhere.
// What can't have such a list, as on FAT, stays as it is.
func OwnerOnly(path string) {
	self, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return
	}
	flags := ""
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		flags = "OICI"
	}
	sd, err := windows.SecurityDescriptorFromString(fmt.Sprintf(ownersAlone, flags, self.User.Sid))
	if err != nil {
		return
	}
	list, _, err := sd.DACL()
	if err != nil {
		return
	}
	_ = windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil)
}

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

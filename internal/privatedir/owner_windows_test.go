package privatedir

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows"

	"detour/internal/onwine"
)

// noLists is why Wine shows nothing of what OwnerOnly does.
const noLists = "keeps no access control lists, only their nearest modes"

// admits is the list of a file or directory, as text.
func admits(t *testing.T, path string) string {
	t.Helper()
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	return sd.String()
}

func TestMake_admitsItsUserTheAdministratorsAndTheSystem(t *testing.T) {
	onwine.Skip(t, noLists)
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 {
		if err := Make(dir); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "key")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, file} {
		if list := admits(t, path); list == "" || strings.Contains(list, ";;;WD)") || strings.Contains(list, ";;;BU)") || strings.Contains(list, ";;;AU)") {
			t.Errorf("%s admits others: %s", path, list)
		}
	}
}

func TestOwnerOnly_ofAFileInADirectoryForEverybody(t *testing.T) {
	onwine.Skip(t, noLists)
	dir := t.TempDir()
	everybody, err := windows.SecurityDescriptorFromString("D:(A;OICI;FA;;;WD)")
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := everybody.DACL()
	if err != nil {
		t.Fatal(err)
	}
	if err := windows.SetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION, nil, nil, list, nil); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "key")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if before := admits(t, file); !strings.Contains(before, ";;;WD)") {
		t.Fatalf("before, it doesn't admit everybody: %s", before)
	}
	OwnerOnly(file)
	if after := admits(t, file); after == "" || strings.Contains(after, ";;;WD)") {
		t.Errorf("it admits everybody: %s", after)
	}
}

func TestOwnersAlone_isAListThatWindowsReads(t *testing.T) {
	self, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range []string{"", "OICI"} {
		text := fmt.Sprintf(ownersAlone, flags, self.User.Sid)
		sd, err := windows.SecurityDescriptorFromString(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if list, _, err := sd.DACL(); err != nil || list.AceCount != 3 {
			t.Errorf("%s is read as %v (%v)", text, sd, err)
		}
	}
}

func TestMake_saysWhoseADirectoryIs(t *testing.T) {
	dir := filepath.Join(os.Getenv("SystemRoot"), "System32")
	if err := Make(dir); err != nil && !strings.Contains(err.Error(), "belongs to") {
		t.Errorf("%v", err)
	}
}

//go:build unix

package privatedir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/usererr"
)

// nobody is a user other than the tests'.
const nobody = 65534

// of makes a directory that belongs to uid.
func of(t *testing.T, uid int, mode fs.FileMode) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dir")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if uid != os.Geteuid() {
		if os.Geteuid() != 0 {
			t.Skip("needs root, to give a directory away")
		}
		if err := os.Chown(dir, uid, -1); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

// refused reports whether err says so, with what to do.
func refused(err error, want string) bool {
	ue := usererr.As(err)
	return ue != nil && ue.Hint != "" && strings.Contains(ue.Error(), want)
}

func TestMake_createsADirectoryForItsOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 {
		if err := Make(dir); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestMake_refusesWhatOthersOwnOrCanWriteTo(t *testing.T) {
	us := os.Geteuid()
	for name, tc := range map[string]struct {
		dir  func(*testing.T) string
		want string // ""; it is accepted
	}{
		"ours":                          {func(t *testing.T) string { return of(t, us, 0o700) }, ""},
		"ours, readable by others":      {func(t *testing.T) string { return of(t, us, 0o755) }, ""},
		"ours, writable by all":         {func(t *testing.T) string { return of(t, us, 0o777) }, "mode 0777"},
		"ours, writable by the group":   {func(t *testing.T) string { return of(t, us, 0o770) }, "mode 0770"},
		"another's":                     {func(t *testing.T) string { return of(t, nobody, 0o700) }, "belongs to"},
		"a link to another's":           {func(t *testing.T) string { return link(t, of(t, nobody, 0o700)) }, "belongs to"},
		"absent, in another's":          {func(t *testing.T) string { return filepath.Join(of(t, nobody, 0o755), "a", "b") }, "belongs to"},
		"absent, in a sticky directory": {func(t *testing.T) string { return filepath.Join(of(t, nobody, 0o777|fs.ModeSticky), "a") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := tc.dir(t)
			before := exists(dir)
			err := Make(dir)
			if tc.want == "" && err != nil || tc.want != "" && !refused(err, tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if tc.want != "" && exists(dir) != before {
				t.Error("it was created all the same")
			}
		})
	}
}

func link(t *testing.T, to string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestCheck_ofNoneIsThatThereIsNone(t *testing.T) {
	if err := Check(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

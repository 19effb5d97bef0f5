//go:build unix

package folder

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Links lead out of the folder, so they aren't followed; a pipe would wait for ever.
func TestRead_linksPipesAndWhatIsForbidden(t *testing.T) {
	outside := write(t, t.TempDir(), map[string]string{"secret.json": acls, "sub/more.json": acls})
	dir := write(t, t.TempDir(), map[string]string{"a.json": acls, ".hidden/x.json": acls, ".x.json": acls, "forbidden/describe-vpcs.json": "{}"})
	for from, to := range map[string]string{"describe-network-acls.json": "secret.json", "folder": "sub", "nowhere.json": "nothing"} {
		if err := os.Symlink(filepath.Join(outside, to), filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "describe-subnets.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := read(t, dir)
	for _, want := range []string{"describe-network-acls.json: not read: not a regular", "folder: not read", "nowhere.json: not read", "describe-subnets.json: not read"} {
		if !strings.Contains(problems(c), want) {
			t.Errorf("%q isn't in %q", want, problems(c))
		}
	}
	if c.Files != 1 || len(acl(c).Partial) == 0 {
		t.Errorf("%d files, %+v", c.Files, acl(c))
	}
	if os.Geteuid() == 0 {
		return // root may read everything
	}
	if err := os.Chmod(filepath.Join(dir, "forbidden"), 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(filepath.Join(dir, "forbidden"), 0o700) //nolint:gosec // for the removal
	if c = read(t, dir); !strings.Contains(problems(c), "forbidden: not read: permission denied") {
		t.Error(problems(c))
	}
}

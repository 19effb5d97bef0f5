//go:build !windows && !darwin

package systemproxy

import (
	"os"
	"path/filepath"
	"testing"
)

// gsettings writes to the home directory, so only a desktop that uses it is asked.
func TestRead_asksOnlyADesktopThatUsesGSettings(t *testing.T) {
	for desktop, asked := range map[string]bool{
		"": false, "XFCE": false, "sway": false, "KDE": false,
		"GNOME": true, "ubuntu:GNOME": true, "X-Cinnamon": true,
	} {
		dir := t.TempDir()
		stub := "#!/bin/sh\n: >" + dir + "/ran\necho \"org.gnome.system.proxy mode 'none'\"\n"
		if err := os.WriteFile(filepath.Join(dir, "gsettings"), []byte(stub), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir)
		t.Setenv("HOME", dir)
		t.Setenv("XDG_CURRENT_DESKTOP", desktop)
		Read(t.Context())
		if _, err := os.Stat(filepath.Join(dir, "ran")); (err == nil) != asked {
			t.Errorf("%q: asked %v, want %v", desktop, err == nil, asked)
		}
	}
}

//go:build !windows

package systemproxy

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Read reads the settings of this machine. Where there are none that it knows, as on a
// server, it returns none.
func Read(ctx context.Context) Settings {
	if runtime.GOOS == "darwin" {
		out, err := exec.CommandContext(ctx, "/usr/sbin/scutil", "--proxy").Output()
		if err != nil {
			return Settings{}
		}
		return fromScutil(string(out))
	}
	if strings.Contains(os.Getenv("XDG_CURRENT_DESKTOP"), "KDE") {
		dir, err := os.UserConfigDir()
		if err != nil {
			return Settings{}
		}
		b, err := os.ReadFile(filepath.Join(dir, "kioslaverc"))
		if err != nil {
			return Settings{}
		}
		return fromKDE(string(b))
	}
	out, err := exec.CommandContext(ctx, "gsettings", "list-recursively", "org.gnome.system.proxy").Output()
	if err != nil {
		return Settings{} // without GNOME, for example, there is no such setting
	}
	return fromGSettings(string(out))
}

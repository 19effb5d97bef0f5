//go:build !windows

package systemproxy

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
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
	desktop := os.Getenv("XDG_CURRENT_DESKTOP")
	if strings.Contains(desktop, "KDE") {
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
	if !usesGSettings(desktop) {
		return Settings{}
	}
	out, err := exec.CommandContext(ctx, "gsettings", "list-recursively", "org.gnome.system.proxy").Output()
	if err != nil {
		return Settings{}
	}
	return fromGSettings(string(out))
}

// gsettingsDesktops are the desktops whose proxy settings Chromium reads from GSettings
// (net/proxy_resolution/proxy_config_service_linux.cc), by their names in XDG_CURRENT_DESKTOP.
var gsettingsDesktops = []string{"GNOME", "Unity", "X-Cinnamon", "Pantheon", "UKUI", "Deepin", "DDE"}

// usesGSettings reports whether a desktop, XDG_CURRENT_DESKTOP's colon-separated names, has its
// proxy settings in GSettings. On others, gsettings isn't run: it would make a cache in the
// home directory.
func usesGSettings(desktop string) bool {
	return slices.ContainsFunc(strings.Split(desktop, ":"), func(name string) bool {
		return slices.Contains(gsettingsDesktops, name)
	})
}

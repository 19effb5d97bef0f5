package browser

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// with is a machine on which only these paths, or names in PATH, are there.
func with(goos string, env map[string]string, there ...string) machine {
	has := func(s string) bool {
		for _, t := range there {
			if s == t {
				return true
			}
		}
		return false
	}
	return machine{
		goos: goos, env: func(name string) string { return env[name] }, exists: has,
		lookPath: func(name string) (string, error) {
			switch {
			case !has(name):
				return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
			case strings.Contains(name, "/"):
				return name, nil
			}
			return "/bin/" + name, nil
		},
	}
}

var (
	desktop   = map[string]string{"DISPLAY": ":0"}
	wayland   = map[string]string{"WAYLAND_DISPLAY": "wayland-0"}
	linuxHome = map[string]string{"HOME": "/home/x"}
	mac       = map[string]string{"HOME": "/Users/x"}
	win       = map[string]string{"ProgramFiles": `C:\PF`, "ProgramFiles(x86)": `C:\PF86`, "LocalAppData": `C:\U\x\AppData\Local`}
)

func TestFind_looksWhereInstallersPutThem(t *testing.T) {
	const (
		macChrome  = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
		macEdge    = "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"
		winChrome  = `C:\U\x\AppData\Local\Google\Chrome\Application\chrome.exe`
		winEdge    = `C:\PF86\Microsoft\Edge\Application\msedge.exe`
		winBrave   = `C:\PF\BraveSoftware\Brave-Browser\Application\brave.exe`
		winFirefox = `C:\PF\Mozilla Firefox\firefox.exe`
		macPrivate = "/Users/x/Applications/Chromium.app/Contents/MacOS/Chromium"
	)
	for _, tc := range []struct {
		choice string
		on     machine
		want   string
	}{
		{"auto", with("linux", desktop, "chromium"), "/bin/chromium"},
		{"auto", with("linux", wayland, "chromium-browser"), "/bin/chromium-browser"},
		{"auto", with("linux", desktop, "brave-browser", "microsoft-edge"), "/bin/microsoft-edge"},
		{"auto", with("linux", desktop, "chromium", "google-chrome-stable"), "/bin/google-chrome-stable"},
		{"auto", with("freebsd", nil, "chromium"), "/bin/chromium"},
		{"brave", with("linux", nil, "chromium", "brave-browser"), "/bin/brave-browser"},
		{"auto", with("darwin", mac, macChrome, macEdge), macChrome},
		{"auto", with("darwin", mac, macPrivate), macPrivate},
		{"edge", with("darwin", mac, macChrome, macEdge), macEdge},
		{"auto", with("windows", win, winEdge, winChrome), winChrome},
		{"edge", with("windows", win, winEdge, winChrome), winEdge},
		{"auto", with("windows", win, winBrave), winBrave},
		{"firefox", with("linux", nil, "chromium", "firefox-esr"), "/bin/firefox-esr"},
		{"auto", with("linux", desktop, "firefox"), "/bin/firefox"},
		{"firefox", with("darwin", mac, "/Applications/Firefox.app/Contents/MacOS/firefox"), "/Applications/Firefox.app/Contents/MacOS/firefox"},
		{"firefox", with("darwin", mac, "/Users/x/Applications/Firefox.app/Contents/MacOS/firefox"), "/Users/x/Applications/Firefox.app/Contents/MacOS/firefox"},
		{"firefox", with("windows", win, winFirefox, `C:\U\x\AppData\Local\Mozilla Firefox\firefox.exe`), winFirefox},
		{"firefox", with("windows", win, `C:\U\x\AppData\Local\Mozilla Firefox\firefox.exe`), `C:\U\x\AppData\Local\Mozilla Firefox\firefox.exe`},
		{"auto", with("linux", desktop, "/opt/google/chrome/chrome", "chromium"), "/opt/google/chrome/chrome"},
		{"chrome", with("linux", nil, "/opt/google/chrome/chrome", "google-chrome"), "/bin/google-chrome"},
		{"edge", with("linux", nil, "/opt/microsoft/msedge/msedge"), "/opt/microsoft/msedge/msedge"},
		{"brave", with("linux", nil, "/opt/brave.com/brave/brave"), "/opt/brave.com/brave/brave"},
		{"brave", with("linux", nil, "/snap/bin/brave"), "/snap/bin/brave"},
		{"chromium", with("linux", nil, "/snap/bin/chromium"), "/snap/bin/chromium"},
		{"firefox", with("linux", nil, "/var/lib/snapd/snap/bin/firefox"), "/var/lib/snapd/snap/bin/firefox"},
		{"firefox", with("linux", nil, "/usr/lib/firefox/firefox", "/snap/bin/firefox"), "/usr/lib/firefox/firefox"},
		{"chrome", with("linux", nil, "/var/lib/flatpak/exports/bin/com.google.Chrome"), "/var/lib/flatpak/exports/bin/com.google.Chrome"},
		{"edge", with("linux", linuxHome, "/home/x/.local/share/flatpak/exports/bin/com.microsoft.Edge"), "/home/x/.local/share/flatpak/exports/bin/com.microsoft.Edge"},
		{"firefox", with("linux", linuxHome, "/home/x/.local/share/flatpak/exports/bin/org.mozilla.firefox"), "/home/x/.local/share/flatpak/exports/bin/org.mozilla.firefox"},
		{"chromium", with("linux", map[string]string{"XDG_DATA_HOME": "/data"}, "/data/flatpak/exports/bin/org.chromium.Chromium"), "/data/flatpak/exports/bin/org.chromium.Chromium"},
		{"/opt/b", with("linux", nil, "/opt/b"), "/opt/b"},
		{"vivaldi", with("linux", nil, "vivaldi"), "/bin/vivaldi"},
		{"none", with("linux", nil, "none"), ""},
	} {
		if got, err := first(tc.on.all(tc.choice)); err != nil || got != tc.want {
			t.Errorf("%s on %s: %q %v, want %q", tc.choice, tc.on.goos, got, err, tc.want)
		}
	}
}

func TestAll_ofAutoIsOneOfEachKindThatIsThere(t *testing.T) {
	m := with("linux", desktop, "google-chrome", "/opt/google/chrome/chrome", "/snap/bin/chromium", "firefox", "firefox-esr")
	got, err := m.all("auto")
	if want := []string{"/bin/google-chrome", "/snap/bin/chromium", "/bin/firefox"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q %v, want %q", got, err, want)
	}
	if got, err := m.all("firefox"); err != nil || !slices.Equal(got, []string{"/bin/firefox"}) {
		t.Errorf("%q %v of one that was named", got, err)
	}
}

func TestFind_saysWhyThereIsNone(t *testing.T) {
	for _, tc := range []struct {
		choice string
		on     machine
		want   error
		hint   string
	}{
		{"auto", with("linux", nil, "chromium"), ErrNoDisplay, "DISPLAY"},
		{"auto", with("linux", desktop), ErrNotFound, "chrome or chromium or edge or brave"},
		{"auto", with("darwin", nil), ErrNotFound, "give its path"},
		{"auto", with("windows", nil), ErrNotFound, "give its path"},
		{"chrome", with("linux", desktop, "chromium"), ErrNotFound, "chrome is not where"},
		{"nonsense", with("linux", desktop, "chromium"), ErrNotFound, "auto, chrome"},
		{"", with("linux", desktop, "chromium"), ErrNotFound, "auto, chrome"},
		{"firefox", with("linux", desktop, "chromium"), ErrNotFound, "firefox is not where"},
	} {
		got, err := first(tc.on.all(tc.choice))
		if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.hint) || got != "" {
			t.Errorf("%q on %s: %q %v, want %v with %q", tc.choice, tc.on.goos, got, err, tc.want, tc.hint)
		}
	}
}

func TestFind_aPathIsFoundWithoutADisplay(t *testing.T) {
	path := script(t, "exit 0")
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	if got, err := Find(path); err != nil || got != path {
		t.Errorf("%q %v, want %q", got, err, path)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(path); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "can't be executed") {
		t.Errorf("without leave to execute it: %v", err)
	}
	if _, err := Find(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}

// script makes a stand-in for a browser.
func script(t *testing.T, body string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	path := filepath.Join(t.TempDir(), "browser")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	return path
}

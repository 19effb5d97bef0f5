package installed

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"howett.net/plist"

	"detour/internal/browserpolicy"
)

// files writes files into a machine's top directory.
func files(t *testing.T, goos string, content map[string]string) machine {
	t.Helper()
	m := machine{top: t.TempDir(), goos: goos, user: "mia", registry: readRegistry}
	for name, text := range content {
		path := filepath.Join(m.top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// summary is what is in sources: each place, with its level, scope and policies.
func summary(sources []browserpolicy.Source) string {
	var out []string
	for _, s := range sources {
		text := s.Place
		if s.Recommended {
			text += " recommended"
		}
		if s.User {
			text += " user"
		}
		if s.Err != "" {
			text += " error"
		}
		for name := range s.Values {
			text += " " + name
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestSources_ofEachBrowserOnLinux(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the links of Linux's packages need Linux or macOS")
	}
	m := files(t, "linux", map[string]string{
		"etc/chromium/policies/managed/b.json":                              `{"B":1,}`,
		"etc/chromium/policies/managed/a.json":                              `{"A":1}`,
		"etc/chromium/policies/managed/c.json":                              `{`,
		"etc/chromium/policies/recommended/r.json":                          `{"R":1}`,
		"etc/chromium-browser/policies/managed/s.json":                      `{"Snap":1}`,
		"etc/opt/chrome/policies/managed/x.json":                            `{"X":1}`,
		"etc/opt/chrome/policies/enrollment/CloudManagementEnrollmentToken": "t",
		"etc/opt/edge/policies/managed/e.json":                              `{"E":1}`,
		"etc/brave/policies/managed/v.json":                                 `{"V":1}`,
		"usr/lib/firefox-esr/distribution/policies.json":                    `{"policies":{"D":1}}`,
		"usr/lib/firefox-esr/firefox-esr":                                   "",
	})
	if err := os.MkdirAll(filepath.Join(m.top, "usr/bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../lib/firefox-esr/firefox-esr", filepath.Join(m.top, "usr/bin/firefox-esr")); err != nil {
		t.Skip(err)
	}
	for program, want := range map[string]string{
		"/usr/bin/chromium": "/etc/chromium/policies/managed/a.json A; /etc/chromium/policies/managed/b.json B; /etc/chromium/policies/managed/c.json error; " +
			"/etc/chromium/policies/recommended/r.json recommended R",
		"/snap/bin/chromium":                                 "/etc/chromium-browser/policies/managed/s.json Snap",
		"/usr/bin/google-chrome":                             "/etc/opt/chrome/policies/managed/x.json X; /etc/opt/chrome/policies/enrollment/CloudManagementEnrollmentToken CloudManagementEnrollmentToken",
		"/usr/bin/microsoft-edge":                            "/etc/opt/edge/policies/managed/e.json E",
		"/usr/bin/brave-browser":                             "/etc/brave/policies/managed/v.json V",
		"/usr/bin/firefox-esr":                               "/usr/lib/firefox-esr/distribution/policies.json D",
		"/opt/other/browser":                                 "",
		"/var/lib/flatpak/exports/bin/org.chromium.Chromium": "the flatpak error",
	} {
		if got := filepath.ToSlash(summary(m.sources(browserpolicy.FamilyOf(program), program))); got != want {
			t.Errorf("%s: %s\nwant %s", program, got, want)
		}
	}
	if err := os.MkdirAll(filepath.Join(m.top, "etc/firefox/policies"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(m.top, "etc/firefox/policies/policies.json"), []byte(`{"policies":{"S":1}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := summary(m.sources(browserpolicy.Firefox, "/usr/bin/firefox-esr")); got != "/etc/firefox/policies/policies.json S" {
		t.Errorf("Firefox reads the system's file only: %s", got)
	}
}

func TestSources_ofAMac(t *testing.T) {
	list := func(values map[string]any) string {
		b, err := plist.Marshal(values, plist.BinaryFormat)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const apps, managed = "/Applications/", "Library/Managed Preferences/"
	m := files(t, "darwin", map[string]string{
		managed + "com.google.Chrome.plist":                                      list(map[string]any{"A": "x"}),
		managed + "mia/com.google.Chrome.plist":                                  list(map[string]any{"U": "x"}),
		managed + "org.mozilla.firefox.plist":                                    list(map[string]any{"EnterprisePoliciesEnabled": true}),
		managed + "mia/org.mozilla.firefox.plist":                                list(map[string]any{"Ignored": "x"}),
		managed + "com.microsoft.Edge.plist":                                     "torn",
		"Applications/Firefox.app/Contents/Resources/distribution/policies.json": `{"policies":{"D":1}}`,
	})
	for program, want := range map[string]string{
		apps + "Google Chrome.app/Contents/MacOS/Google Chrome": "/Library/Managed Preferences/mia/com.google.Chrome.plist user U; /Library/Managed Preferences/com.google.Chrome.plist A",
		apps + "Firefox.app/Contents/MacOS/firefox": "/Applications/Firefox.app/Contents/Resources/distribution/policies.json D; " +
			"/Library/Managed Preferences/org.mozilla.firefox.plist EnterprisePoliciesEnabled",
		apps + "Microsoft Edge.app/Contents/MacOS/Microsoft Edge": "/Library/Managed Preferences/com.microsoft.Edge.plist error",
		apps + "Chromium.app/Contents/MacOS/Chromium":             "",
	} {
		if got := filepath.ToSlash(summary(m.sources(browserpolicy.FamilyOf(program), program))); got != want {
			t.Errorf("%s: %s\nwant %s", program, got, want)
		}
	}
}

func TestSources_ofFirefoxOnWindows(t *testing.T) {
	dir := t.TempDir()
	m := machine{goos: "windows", registry: func(bool, string) (browserpolicy.Key, error) { return browserpolicy.Key{}, nil }}
	if err := os.MkdirAll(filepath.Join(dir, "distribution"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "distribution", "policies.json"), []byte(`{"policies":{"D":1}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	want := filepath.ToSlash(dir) + "/distribution/policies.json D"
	if got := summary(m.sources(browserpolicy.Firefox, filepath.Join(dir, "firefox.exe"))); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestSources_ofTheRegistry(t *testing.T) {
	m := files(t, "windows", nil)
	m.registry = func(user bool, path string) (browserpolicy.Key, error) {
		switch {
		case path == `Software\Policies\Microsoft\Edge`:
			return browserpolicy.Key{}, errors.New("access is denied")
		case path != `Software\Policies\Google\Chrome`:
			return browserpolicy.Key{}, nil
		case user:
			return browserpolicy.Key{Values: map[string]any{"U": uint64(1)}}, nil
		}
		return browserpolicy.Key{
			Values: map[string]any{"ProxyMode": "direct"},
			Keys:   map[string]browserpolicy.Key{"Recommended": {Values: map[string]any{"R": "x"}}},
		}, nil
	}
	for program, want := range map[string]string{
		`C:\Program Files\Google\Chrome\Application\chrome.exe`: `HKCU\Software\Policies\Google\Chrome user U; ` +
			`HKLM\Software\Policies\Google\Chrome\Recommended recommended R; HKLM\Software\Policies\Google\Chrome ProxyMode`,
		`C:\Program Files\Microsoft\Edge\Application\msedge.exe`: `HKCU\Software\Policies\Microsoft\Edge user error; HKLM\Software\Policies\Microsoft\Edge error`,
		`C:\Program Files\Mozilla Firefox\firefox.exe`:           "",
	} {
		if got := summary(m.sources(browserpolicy.FamilyOf(program), program)); got != want {
			t.Errorf("%s: %s\nwant %s", program, got, want)
		}
	}
}

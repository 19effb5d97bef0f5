package sandbox

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOf_knowsProgramsByTheirPlace(t *testing.T) {
	for path, want := range map[string]App{
		"/snap/bin/chromium":                                                {Snap, "chromium"},
		"/var/lib/snapd/snap/bin/firefox":                                   {Snap, "firefox"},
		"/snap/bin/firefox.geckodriver":                                     {Snap, "firefox"},
		"/var/lib/flatpak/exports/bin/com.google.Chrome":                    {Flatpak, "com.google.Chrome"},
		"/home/x/.local/share/flatpak/exports/bin/org.mozilla.firefox":      {Flatpak, "org.mozilla.firefox"},
		"/usr/bin/chromium":                                                 {},
		"/opt/google/chrome/chrome":                                         {},
		"/home/x/snapshots/bin/chromium":                                    {},
		"/usr/lib/firefox/firefox":                                          {},
		filepath.Join(t.TempDir(), "absent"):                                {},
		"/Applications/Firefox.app/Contents/MacOS/firefox":                  {},
		`C:\Program Files\Mozilla Firefox\firefox.exe`:                      {},
		"/home/x/.local/share/flatpak/exports/share/org.mozilla.firefox.js": {},
	} {
		if got, ok := Of(path); got != want || ok != (want != App{}) {
			t.Errorf("%s: %v %v, want %v", path, got, ok, want)
		}
	}
}

func TestOf_knowsTheScriptsThatStartThem(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       App
	}{
		{"firefox", "#!/bin/sh\nif ! [ -x /snap/bin/firefox ]; then\n\techo missing >&2\nfi\nexec /snap/bin/firefox \"$@\"\n", App{Snap, "firefox"}},
		{"com.brave.Browser", "#!/bin/sh\n\nexec /usr/bin/flatpak run --branch=stable --arch=x86_64 --command=brave com.brave.Browser \"$@\"\n", App{Flatpak, "com.brave.Browser"}},
		{"chromium", "#!/bin/sh\n# not /snap/bin/chromium\nexec /usr/lib/chromium/chromium \"$@\"\n", App{}},
		{"chrome", "exec /snap/bin/chromium\n", App{}},
	} {
		path := filepath.Join(t.TempDir(), tc.name)
		if err := os.WriteFile(path, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, _ := Of(path); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestApp_hasADirectoryOfItsOwn(t *testing.T) {
	for app, want := range map[App][2]string{
		{Snap, "chromium"}:               {"snap/chromium/common", "snap/chromium/current"},
		{Flatpak, "org.mozilla.firefox"}: {".var/app/org.mozilla.firefox", ".var/app/org.mozilla.firefox"},
	} {
		if got := [2]string{app.Home(), app.DotHome()}; got != want {
			t.Errorf("%v: %v, want %v", app, got, want)
		}
	}
}

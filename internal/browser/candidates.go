package browser

import "path/filepath"

// kinds are the supported kinds of browser, in the order in which auto tries them.
var kinds = []string{"chrome", "chromium", "edge", "brave", "firefox"}

// Kinds are the kinds of browser that Find knows, in the order in which auto tries them.
func Kinds() []string { return append([]string(nil), kinds...) }

// Places are where Find looks for a kind of browser on this machine: paths, or names to
// look up in PATH.
func Places(kind string) []string {
	m := thisMachine()
	return candidates(m.goos, m.env, kind)
}

// candidates are the places where the vendors' installers put a kind of browser, the most
// likely first: paths, or on Linux names to look up in PATH.
func candidates(goos string, env func(string) string, kind string) []string {
	switch goos {
	case "darwin":
		return darwinApps(env, kind)
	case "windows":
		return windowsPrograms(env, kind)
	}
	return linuxPrograms(env, kind)
}

// linuxPrograms are the places on Linux: packages put names into PATH and programs below
// /opt or /usr/lib; snaps and flatpaks have their own directories, which not every PATH
// has.
func linuxPrograms(env func(string) string, kind string) []string {
	out := map[string][]string{
		"chrome":   {"google-chrome", "google-chrome-stable", "/opt/google/chrome/chrome"},
		"chromium": {"chromium", "chromium-browser"},
		"edge":     {"microsoft-edge", "microsoft-edge-stable", "/opt/microsoft/msedge/msedge"},
		"brave":    {"brave-browser", "brave-browser-stable", "/opt/brave.com/brave/brave"},
		"firefox":  {"firefox", "firefox-esr", "/usr/lib/firefox/firefox", "/usr/lib64/firefox/firefox", "/usr/lib/firefox-esr/firefox-esr"},
	}[kind]
	if snap := map[string]string{"chromium": "chromium", "brave": "brave", "firefox": "firefox"}[kind]; snap != "" {
		out = append(out, "/snap/bin/"+snap, "/var/lib/snapd/snap/bin/"+snap)
	}
	flatpak := map[string]string{
		"chrome": "com.google.Chrome", "chromium": "org.chromium.Chromium", "edge": "com.microsoft.Edge",
		"brave": "com.brave.Browser", "firefox": flatpakFirefox,
	}[kind]
	if flatpak == "" {
		return out
	}
	own := env("XDG_DATA_HOME")
	if home := env("HOME"); !filepath.IsAbs(own) && home != "" {
		own = home + "/.local/share"
	}
	for _, data := range []string{"/var/lib", own} {
		if data != "" {
			out = append(out, data+"/flatpak/exports/bin/"+flatpak)
		}
	}
	return out
}

// flatpakFirefox is the name of Firefox as a flatpak.
const flatpakFirefox = "org.mozilla.firefox"

// darwinApps are the places on macOS: for all users, or in the user's own Applications.
func darwinApps(env func(string) string, kind string) []string {
	app := map[string]string{
		"chrome": "Google Chrome", "chromium": "Chromium", "edge": "Microsoft Edge", "brave": "Brave Browser", "firefox": "Firefox",
	}[kind]
	program := app
	if kind == "firefox" {
		program = kind
	}
	inside := "/Applications/" + app + ".app/Contents/MacOS/" + program
	out := []string{inside}
	if home := env("HOME"); home != "" {
		out = append(out, home+inside)
	}
	return out
}

// windowsPrograms are the places on Windows: for all users, from a 64-bit or a 32-bit
// installer, or for one user.
func windowsPrograms(env func(string) string, kind string) []string {
	exe := map[string]string{
		"chrome": `Google\Chrome\Application\chrome.exe`, "chromium": `Chromium\Application\chrome.exe`,
		"edge": `Microsoft\Edge\Application\msedge.exe`, "brave": `BraveSoftware\Brave-Browser\Application\brave.exe`,
		"firefox": `Mozilla Firefox\firefox.exe`,
	}[kind]
	var out []string
	for _, root := range []string{"ProgramFiles", "ProgramFiles(x86)", "LocalAppData"} {
		if dir := env(root); dir != "" {
			out = append(out, dir+`\`+exe)
		}
	}
	return out
}

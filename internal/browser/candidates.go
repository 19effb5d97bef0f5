package browser

// candidates are the places where the browsers' own installers put a kind of
// browser, the likeliest first: paths, or on Linux names to look for in PATH.
func candidates(goos string, env func(string) string, kind string) []string {
	switch goos {
	case "darwin":
		return darwinApps(env, kind)
	case "windows":
		return windowsPrograms(env, kind)
	}
	return map[string][]string{
		"chrome":   {"google-chrome", "google-chrome-stable"},
		"chromium": {"chromium", "chromium-browser"},
		"edge":     {"microsoft-edge", "microsoft-edge-stable"},
		"brave":    {"brave-browser", "brave-browser-stable"},
		"firefox":  {"firefox", "firefox-esr"},
	}[kind]
}

// darwinApps: for all users, or dragged to one's own Applications.
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

// windowsPrograms: for all users, from a 64- or a 32-bit installer, or for one.
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

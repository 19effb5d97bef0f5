package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// stateDir is the platform's directory for a program's own files; "" if the environment
// names no home directory. There is no fallback: in a directory that everybody can write
// to, a file may be somebody else's, above all a signing chain.
func stateDir() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) && runtime.GOOS != "darwin" && runtime.GOOS != "windows" {
		return filepath.Join(dir, "detour")
	}
	if dir := os.Getenv("LocalAppData"); dir != "" && runtime.GOOS == "windows" {
		return filepath.Join(dir, "detour")
	}
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		return ""
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "detour")
	case "windows":
		return filepath.Join(home, "AppData", "Local", "detour")
	}
	return filepath.Join(home, ".local", "state", "detour")
}

// stateFile is a file or directory of the state directory; "" if there is none.
func stateFile(name string) string {
	if dir := stateDir(); dir != "" {
		return filepath.Join(dir, name)
	}
	return ""
}

// capturesDir is where captures go whose names detour chooses; "" if nowhere.
func capturesDir() string { return stateFile("captures") }

// profilesDir is where browser profiles are kept; "" if nowhere.
func profilesDir() string { return stateFile("profiles") }

// noState is the error that nothing can be stored, since there is no home directory.
func noState() error {
	hint, what := "set HOME or XDG_STATE_HOME to a directory of your own", "neither HOME nor XDG_STATE_HOME is set"
	switch runtime.GOOS {
	case "darwin":
		hint, what = "set HOME to a directory of your own", "HOME isn't set"
	case "windows":
		hint, what = "set LocalAppData to a directory of your own", "LocalAppData isn't set"
	}
	return failed(hint, "detour has no directory to save its files in: %s", what)
}

// shown is a path in the state directory for a help text.
func shown(path string) string {
	if path == "" {
		return "(none: HOME isn't set)"
	}
	return path
}

// checkProfile checks that a name can be a directory's among the profiles.
func checkProfile(name string) error {
	const hint = "a name such as work: letters, digits, - and _"
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	wrong := strings.ContainsAny(name, `/\:*?"<>|`) || strings.ContainsFunc(name, control)
	if name != "" && (wrong || !filepath.IsLocal(name) || name[0] == '.') {
		return flagUsage("profile", hint, "--profile %q is not a profile name", name)
	}
	return nil
}

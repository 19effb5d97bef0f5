package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// stateDir is where the platform keeps what a program makes for itself; "" if the
// environment names no home. Nothing is made elsewhere then: what is in a directory that
// everybody can write to may be somebody else's, a signing chain above all.
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

// capturesDir is where captures are whose names are ours to choose; "" if nowhere.
func capturesDir() string { return stateFile("captures") }

// profilesDir is where browser profiles are that are kept; "" if nowhere.
func profilesDir() string { return stateFile("profiles") }

// noState is that what has to be kept can't be, for want of a home.
func noState() error {
	hint, what := "set HOME or XDG_STATE_HOME to a directory of yours", "neither HOME nor XDG_STATE_HOME is set"
	switch runtime.GOOS {
	case "darwin":
		hint, what = "set HOME to a directory of yours", "HOME isn't set"
	case "windows":
		hint, what = "set LocalAppData to a directory of yours", "LocalAppData isn't set"
	}
	return failed(hint, "there is no place for what detour keeps: %s", what)
}

// shown is a path of the state directory as texts have it.
func shown(path string) string {
	if path == "" {
		return "(no place: HOME isn't set)"
	}
	return path
}

// checkProfile refuses what can't be the name of a directory among the profiles.
func checkProfile(name string) error {
	const hint = "a name such as work: letters, digits, - and _"
	if name != "" && (!filepath.IsLocal(name) || name[0] == '.' || strings.ContainsAny(name, `/\:*?"<>|`) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f })) {
		return flagUsage("profile", hint, "--profile %q is no name of a profile", name)
	}
	return nil
}

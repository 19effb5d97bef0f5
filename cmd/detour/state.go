package main

import (
	"path/filepath"
	"strings"

	"detour/internal/statedir"
)

// capturesDir is where captures go whose names detour chooses; "" if nowhere.
func capturesDir() string { return statedir.File("captures") }

// profilesDir is where browser profiles are kept; "" if nowhere.
func profilesDir() string { return statedir.File("profiles") }

// noState is the error that nothing can be stored, since there is no home directory.
func noState() error {
	why, hint := statedir.Missing()
	return failed(hint, "detour has no directory to save its files in: %s", why)
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

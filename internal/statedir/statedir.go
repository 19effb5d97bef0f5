// Package statedir says where a user's own files of detour are: captures, the signing chain, and
// what the table remembers.
package statedir

import (
	"os"
	"path/filepath"
	"runtime"
)

// Dir is the platform's directory for a program's own files; "" if the environment names no
// home directory. There is no fallback: in a directory that everybody can write to, a file may
// be somebody else's, above all a signing chain.
func Dir() string {
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

// File is a file or directory of [Dir]; "" if there is none.
func File(name string) string {
	if dir := Dir(); dir != "" {
		return filepath.Join(dir, name)
	}
	return ""
}

// Missing says why [Dir] is "", and what to do.
func Missing() (why, hint string) {
	switch runtime.GOOS {
	case "darwin":
		return "HOME isn't set", "set HOME to a directory of your own"
	case "windows":
		return "LocalAppData isn't set", "set LocalAppData to a directory of your own"
	}
	return "neither HOME nor XDG_STATE_HOME is set", "set HOME or XDG_STATE_HOME to a directory of your own"
}

package truststore

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"detour/internal/sandbox"
)

// A place is where browsers of a kind have NSS databases.
type place struct {
	who      string
	base     string   // directory of the patterns and files; "": the user's home
	patterns []string // of directories with cert9.db
	ini      []string // files in which Firefox lists profiles in other places
}

// linuxPlaces are those of packages, snaps and flatpaks. Firefox uses XDG's configuration
// directory, and still ~/.mozilla if it was there before.
func linuxPlaces(env func(string) string) []place {
	config := firefoxPlace("mozilla/firefox")
	if config.base = env("XDG_CONFIG_HOME"); !filepath.IsAbs(config.base) {
		config = firefoxPlace(".config/mozilla/firefox")
	}
	anySnap, anyFlatpak := sandbox.App{Kind: sandbox.Snap, Name: "*"}, sandbox.App{Kind: sandbox.Flatpak, Name: "*"}
	snap, flatpak := sandbox.App{Kind: sandbox.Snap, Name: "firefox"}, sandbox.App{Kind: sandbox.Flatpak, Name: "org.mozilla.firefox"}
	return []place{
		config,
		{
			who:      "Chrome and similar browsers",
			patterns: []string{".pki/nssdb", anySnap.DotHome() + "/.pki/nssdb", anyFlatpak.DotHome() + "/.pki/nssdb"},
		},
		firefoxPlace(".mozilla/firefox", snap.Home()+"/.mozilla/firefox",
			flatpak.Home()+"/.mozilla/firefox", flatpak.Home()+"/config/mozilla/firefox"),
	}
}

// darwinPlaces are those of macOS, where Chrome uses the keychain, as Firefox may, too.
func darwinPlaces() []place {
	p := firefoxPlace("Library/Application Support/Firefox")
	p.patterns = append(p.patterns, "Library/Application Support/Firefox/Profiles/*")
	return []place{p}
}

func firefoxPlace(roots ...string) place {
	p := place{who: "Firefox"}
	for _, r := range roots {
		p.patterns = append(p.patterns, r+"/*")
		p.ini = append(p.ini, r+"/profiles.ini")
	}
	return p
}

// nss returns a store for each database that exists. None is created: a browser creates
// its own when it first starts.
func (m Machine) nss(places []place, hint string) (out []Store) {
	certutil, _ := m.program("certutil")
	for _, p := range places {
		if p.base == "" {
			p.base = m.Home
		}
		for _, dir := range p.databases() {
			out = append(out, nssStore{who: p.who, dir: dir, certutil: certutil, hint: hint})
		}
	}
	return out
}

// databases are the directories with a database, each once, even if several paths lead to
// it.
func (p place) databases() (out []string) {
	var dirs []string
	for _, pattern := range p.patterns {
		dirs = append(dirs, matches(p.base, strings.Split(pattern, "/"))...)
	}
	for _, ini := range p.ini {
		path := filepath.Join(p.base, filepath.FromSlash(ini))
		if b, err := os.ReadFile(path); err == nil {
			dirs = append(dirs, profiles(string(b), filepath.Dir(path))...)
		}
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "cert9.db")); err != nil {
			continue
		}
		if real, err := filepath.EvalSymlinks(dir); err == nil && !slices.Contains(out, real) {
			out = append(out, real)
		}
	}
	return out
}

// matches are the directories below top whose path has these elements, where "*" stands
// for any. Unlike with filepath.Glob, top is no pattern.
func matches(top string, elements []string) []string {
	if len(elements) == 0 {
		return []string{top}
	}
	if elements[0] != "*" {
		return matches(filepath.Join(top, elements[0]), elements[1:])
	}
	entries, err := os.ReadDir(top)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, matches(filepath.Join(top, e.Name()), elements[1:])...)
	}
	return out
}

// profiles are the directories that a profiles.ini in dir names.
func profiles(ini, dir string) (out []string) {
	for section := range strings.SplitSeq(ini, "[") {
		path, relative := "", true
		for line := range strings.Lines(section) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			switch key {
			case "Path":
				path = value
			case "IsRelative":
				relative = value != "0"
			}
		}
		if path != "" && relative {
			path = filepath.Join(dir, filepath.FromSlash(path))
		}
		if filepath.IsAbs(path) {
			out = append(out, path)
		}
	}
	return out
}

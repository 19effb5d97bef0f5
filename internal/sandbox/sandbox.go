// Package sandbox recognises programs from snaps and flatpaks ([Of]), which can access
// only a part of the user's home, and knows which part that is ([App.Home]).
package sandbox

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"detour/internal/lazyregexp"
)

// Kinds of packages.
const (
	Snap    = "snap"
	Flatpak = "flatpak"
)

// An App is a program from a confined package. The zero App is from none.
type App struct {
	Kind string // Snap or Flatpak
	Name string // "chromium", "org.mozilla.firefox"; "*" stands for any
}

// Home returns the directory, below the user's home, that the program may write to, and
// that has the same path inside and outside. A snap's is the one that all its revisions
// share.
func (a App) Home() string {
	if a.Kind == Snap {
		return path.Join("snap", a.Name, "common")
	}
	return path.Join(".var/app", a.Name)
}

// DotHome returns the directory, below the user's home, that is the program's own home:
// what other programs have in ~/.NAME, it has there.
func (a App) DotHome() string {
	if a.Kind == Snap {
		return path.Join("snap", a.Name, "current")
	}
	return path.Join(".var/app", a.Name)
}

// maxScript is far more than the few lines of a script that starts another program has.
const maxScript = 16 << 10

var (
	snapScript = lazyregexp.New(`(?m)^\s*exec\s+"?/snap/bin/([a-z0-9.-]+)`)
	flatpakRun = lazyregexp.New(`(?m)^\s*exec\s+\S*flatpak run\s`)
)

// Of returns the app that a program's path starts; false if it starts none. Snaps are links
// to snap itself, in a bin directory of their own; Ubuntu also has scripts that start
// them. Flatpaks are scripts with the app's name.
func Of(program string) (App, bool) {
	program = filepath.ToSlash(program)
	name := path.Base(program)
	if path.Base(path.Dir(program)) == "bin" && path.Base(path.Dir(path.Dir(program))) == "snap" {
		name, _, _ = strings.Cut(name, ".") // "firefox.geckodriver" belongs to firefox
		return App{Snap, name}, true
	}
	if strings.HasSuffix(path.Dir(program), "flatpak/exports/bin") {
		return App{Flatpak, name}, true
	}
	switch text := script(program); {
	case text == "":
	case snapScript.MatchString(text):
		return App{Snap, snapScript.FindStringSubmatch(text)[1]}, true
	case flatpakRun.MatchString(text) && strings.Count(name, ".") >= 2:
		return App{Flatpak, name}, true
	}
	return App{}, false
}

// script reads a program that is a short script; "" if it isn't.
func script(program string) string {
	if info, err := os.Stat(program); err != nil || !info.Mode().IsRegular() || info.Size() > maxScript {
		return ""
	}
	f, err := os.Open(program)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxScript))
	if err != nil || !strings.HasPrefix(string(b), "#!") {
		return ""
	}
	return string(b)
}

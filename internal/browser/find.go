package browser

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// Errors that a caller may want to act on.
var (
	ErrNotFound  = errors.New("no browser found")
	ErrNoDisplay = errors.New("no display to show a browser on")
	// ErrInUse means that another run has the profile open.
	ErrInUse = errors.New("the profile is open in another run")
)

// A machine is what Find looks at.
type machine struct {
	goos     string
	env      func(string) string
	lookPath func(string) (string, error)
	exists   func(string) bool
}

func thisMachine() machine {
	return machine{
		goos: runtime.GOOS, env: os.Getenv, lookPath: exec.LookPath,
		exists: func(path string) bool {
			info, err := os.Stat(path)
			return err == nil && !info.IsDir()
		},
	}
}

// Find returns the program for a choice: auto, chrome, chromium, edge, brave, firefox,
// none ("", without an error), or the path or name of another one that takes Chromium's
// switches. auto takes the first that is installed, in that order, if there is a
// display. The error wraps one of this package's.
func Find(choice string) (string, error) { return first(All(choice)) }

// All returns the programs for a choice, as Find does; for auto, the first one of each
// kind, so that there are others if one can't be used.
func All(choice string) ([]string, error) { return thisMachine().all(choice) }

func first(paths []string, err error) (string, error) {
	if len(paths) == 0 {
		return "", err
	}
	return paths[0], err
}

func (m machine) all(choice string) ([]string, error) {
	wanted := []string{choice}
	switch {
	case choice == "none":
		return nil, nil
	case choice == "auto":
		if m.goos == "linux" && m.env("DISPLAY") == "" && m.env("WAYLAND_DISPLAY") == "" {
			return nil, fmt.Errorf("%w: neither DISPLAY nor WAYLAND_DISPLAY is set; a browser that --browser names is started anyway", ErrNoDisplay)
		}
		wanted = kinds
	case !slices.Contains(kinds, choice):
		path, err := m.named(choice)
		if err != nil {
			return nil, err
		}
		return []string{path}, nil
	}
	var out []string
	for _, kind := range wanted {
		if path := m.ofKind(kind); path != "" {
			out = append(out, path)
		}
	}
	if out == nil {
		return nil, fmt.Errorf("%w: %s is not where its installer puts it; give its path", ErrNotFound, strings.Join(wanted, " or "))
	}
	return out, nil
}

// ofKind is the likeliest program of a kind; "" if there is none.
func (m machine) ofKind(kind string) string {
	for _, c := range candidates(m.goos, m.env, kind) {
		if !strings.ContainsAny(c, `/\`) {
			if path, err := m.lookPath(c); err == nil {
				return path
			}
		} else if m.exists(c) {
			return c
		}
	}
	return ""
}

// named is a browser that the user named by its path or program name.
func (m machine) named(path string) (string, error) {
	found, err := m.lookPath(path)
	switch {
	case err == nil:
		return found, nil
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("%w: %s can't be executed", ErrNotFound, path)
	default:
		return "", fmt.Errorf("%w: %q is neither a program nor one of auto, %s, none", ErrNotFound, path, strings.Join(kinds, ", "))
	}
}

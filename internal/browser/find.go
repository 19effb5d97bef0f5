// Package browser finds a browser and starts it isolated: with a profile of its
// own, our proxy, and trust in this run's certificates alone. Nothing of the
// machine's other browsers, profiles or trust stores is touched.
package browser

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Errors that a caller may want to act on.
var (
	ErrNotFound  = errors.New("no browser found")
	ErrNoDisplay = errors.New("no display to show a browser on")
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

// Find returns the program for a choice: auto, chrome, chromium, edge, brave, or
// a path. auto takes the first that is there, in that order.
func Find(choice string) (string, error) { return thisMachine().find(choice) }

func (m machine) find(choice string) (string, error) {
	kinds := []string{choice}
	switch choice {
	case "auto":
		if m.goos == "linux" && m.env("DISPLAY") == "" && m.env("WAYLAND_DISPLAY") == "" {
			return "", ErrNoDisplay
		}
		kinds = []string{"chrome", "chromium", "edge", "brave"}
	case "chrome", "chromium", "edge", "brave":
	case "firefox":
		return "", errors.New("firefox can't be started isolated yet; set its proxy by hand and import the CA")
	default:
		path, err := m.lookPath(choice)
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%w: %s is neither a program nor one of auto, chrome, chromium, edge, brave, none", ErrNotFound, choice)
		}
		return path, err
	}
	for _, kind := range kinds {
		for _, c := range m.candidates(kind) {
			if !strings.ContainsAny(c, `/\`) {
				if path, err := m.lookPath(c); err == nil {
					return path, nil
				}
			} else if m.exists(c) {
				return c, nil
			}
		}
	}
	return "", fmt.Errorf("%w: %s", ErrNotFound, strings.Join(kinds, ", "))
}

// candidates are the places where the browsers' own installers put them.
func (m machine) candidates(kind string) []string {
	switch m.goos {
	case "darwin":
		app := map[string]string{
			"chrome": "Google Chrome", "chromium": "Chromium", "edge": "Microsoft Edge", "brave": "Brave Browser",
		}[kind]
		inside := filepath.ToSlash("/Applications/" + app + ".app/Contents/MacOS/" + app)
		return []string{inside, m.env("HOME") + inside}
	case "windows":
		exe := map[string]string{
			"chrome": `Google\Chrome\Application\chrome.exe`, "chromium": `Chromium\Application\chrome.exe`,
			"edge": `Microsoft\Edge\Application\msedge.exe`, "brave": `BraveSoftware\Brave-Browser\Application\brave.exe`,
		}[kind]
		var out []string
		for _, root := range []string{"ProgramFiles", "ProgramFiles(x86)", "LocalAppData"} {
			if dir := m.env(root); dir != "" {
				out = append(out, dir+`\`+exe)
			}
		}
		return out
	}
	return map[string][]string{
		"chrome":   {"google-chrome", "google-chrome-stable"},
		"chromium": {"chromium", "chromium-browser"},
		"edge":     {"microsoft-edge", "microsoft-edge-stable"},
		"brave":    {"brave-browser"},
	}[kind]
}

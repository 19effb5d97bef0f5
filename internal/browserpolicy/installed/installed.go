// Package installed reads the policies for a browser from where this system has them:
// files on Linux, the registry on Windows, and property lists on macOS. It judges
// nothing, and changes nothing.
package installed

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"

	"detour/internal/browserpolicy"
	"detour/internal/sandbox"
)

// maxFile is how much of a file is read. Files of policies have some kilobytes.
const maxFile = 1 << 20

// Effects reads the policies for the browser at program, and judges them for one whose
// proxy is detour's, at host:port; "": it isn't known yet.
func Effects(program, proxy string) []browserpolicy.Effect {
	m := machine{goos: runtime.GOOS, user: os.Getenv("USER"), registry: readRegistry}
	if m.goos != "windows" { // there, a path begins with its drive
		m.top = "/"
	}
	b := browserpolicy.Browser{Family: browserpolicy.FamilyOf(program), System: m.goos, Proxy: proxy}
	return browserpolicy.Judge(b, m.sources(b.Family, program))
}

// Warnings are the serious effects of the policies for the browser at program, and what to
// do about them, a line each; nil: there are none. proxy is as for [Effects]. find returns
// the program of a kind of browser, or an error.
func Warnings(program, proxy string, kinds []string, find func(kind string) (string, error)) []string {
	out := browserpolicy.Serious(Effects(program, proxy))
	if len(out) == 0 {
		return nil
	}
	return append(out, browserpolicy.Advice(Other(proxy, kinds, find)))
}

// Other returns the first kind of browser that is installed and that no policy keeps from
// detour; "": there is none.
func Other(proxy string, kinds []string, find func(kind string) (string, error)) string {
	for _, kind := range kinds {
		program, err := find(kind)
		if err == nil && browserpolicy.Worst(Effects(program, proxy)) > browserpolicy.Breaks {
			return kind
		}
	}
	return ""
}

// A machine is where policies are read from.
type machine struct {
	top      string // the directory in which absolute paths are; "": they are as they are
	goos     string
	user     string // the user's name
	registry func(user bool, path string) (browserpolicy.Key, error)
}

// sources returns the sources of a family's policies that exist.
func (m machine) sources(f browserpolicy.Family, program string) []browserpolicy.Source {
	app, confined := sandbox.Of(program)
	switch {
	case f == browserpolicy.Unknown:
		return nil
	case confined && app.Kind == sandbox.Flatpak:
		return []browserpolicy.Source{{Place: "the flatpak", Err: "its files are inside; its page chrome://policy or about:policies lists them"}}
	case m.goos == "windows":
		return m.fromRegistry(f, program)
	case m.goos == "darwin":
		return m.fromPropertyLists(f, program)
	case f == browserpolicy.Firefox:
		return m.firefoxFile("/etc/firefox/policies", path.Join(m.directory(program), "distribution"))
	}
	return m.fromDirectories(linuxDirectory(f, confined))
}

// linuxDirectory is where a browser of Chromium's kind has its policies on Linux. Chromium
// as a snap has them elsewhere than all others.
func linuxDirectory(f browserpolicy.Family, snap bool) string {
	switch f {
	case browserpolicy.Chrome:
		return "/etc/opt/chrome/policies"
	case browserpolicy.Edge:
		return "/etc/opt/edge/policies"
	case browserpolicy.Brave:
		return "/etc/brave/policies"
	case browserpolicy.Chromium:
		if snap {
			return "/etc/chromium-browser/policies"
		}
	case browserpolicy.Unknown, browserpolicy.Firefox:
	}
	return "/etc/chromium/policies"
}

// fromDirectories reads the files of managed and recommended policies, in the order in
// which the browser does, and the token with which the browser gets more from the vendor.
func (m machine) fromDirectories(dir string) (out []browserpolicy.Source) {
	for _, level := range []string{"managed", "recommended"} {
		at := path.Join(dir, level)
		entries, err := os.ReadDir(filepath.Join(m.top, at)) // by name
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			out = append(out, browserpolicy.Source{Place: at, Err: reason(err)})
		}
		for _, e := range entries {
			if e.IsDir() {
				continue
			}
			s := m.file(path.Join(at, e.Name()), browserpolicy.JSON)
			s.Recommended = level == "recommended"
			out = append(out, s)
		}
	}
	const token = "CloudManagementEnrollmentToken"
	at := path.Join(dir, "enrollment", token)
	if _, err := os.Stat(filepath.Join(m.top, at)); err == nil {
		out = append(out, browserpolicy.Source{Place: at, Values: map[string]any{token: ""}})
	}
	return out
}

// firefoxFile reads the first policies.json in these directories: Firefox reads one only.
func (m machine) firefoxFile(dirs ...string) []browserpolicy.Source {
	for _, dir := range dirs {
		at := path.Join(dir, "policies.json")
		if _, err := os.Stat(filepath.Join(m.top, at)); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return []browserpolicy.Source{m.file(at, browserpolicy.FirefoxJSON)}
		}
	}
	return nil
}

// directory is the one of a program, of which there may be a link in PATH.
func (m machine) directory(program string) string {
	if real, err := filepath.EvalSymlinks(filepath.Join(m.top, program)); err == nil {
		if rel, err := filepath.Rel(m.top, real); err == nil {
			return "/" + filepath.ToSlash(filepath.Dir(rel))
		}
	}
	return path.Dir(program)
}

// bundle is the domain of a browser's preferences on macOS.
func bundle(f browserpolicy.Family) string {
	return map[browserpolicy.Family]string{
		browserpolicy.Chrome: "com.google.Chrome", browserpolicy.Chromium: "org.chromium.Chromium", browserpolicy.Edge: "com.microsoft.Edge",
		browserpolicy.Brave: "com.brave.Browser", browserpolicy.Firefox: "org.mozilla.firefox",
	}[f]
}

// fromPropertyLists reads what a management server has put on a Mac, for the user and for
// the machine. For Firefox, its file follows: what is managed overrides it.
func (m machine) fromPropertyLists(f browserpolicy.Family, program string) (out []browserpolicy.Source) {
	if f == browserpolicy.Firefox {
		out = m.firefoxFile(path.Join(path.Dir(path.Dir(program)), "Resources", "distribution"))
	}
	for _, user := range []string{m.user, ""} {
		at := path.Join("/Library/Managed Preferences", user, bundle(f)+".plist")
		if _, err := os.Stat(filepath.Join(m.top, at)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		s := m.file(at, browserpolicy.PropertyList)
		s.User = user != ""
		if on, _ := s.Values["EnterprisePoliciesEnabled"].(bool); f == browserpolicy.Firefox && !on && s.Err == "" {
			continue // github.com/mozilla/policy-templates: without it Firefox ignores the list
		}
		out = append(out, s)
	}
	return out
}

// file reads a file of policies.
func (m machine) file(at string, parse func([]byte) (map[string]any, error)) browserpolicy.Source {
	s := browserpolicy.Source{Place: at}
	f, err := os.Open(filepath.Join(m.top, at))
	if err != nil {
		s.Err = reason(err)
		return s
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err == nil {
		s.Values, err = parse(b)
	}
	if err != nil {
		s.Err = reason(err)
	}
	return s
}

// reason is an error without the path, which the source has.
func reason(err error) string {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

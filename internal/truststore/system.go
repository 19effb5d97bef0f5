package truststore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A layout is where a family of Linux distributions has the roots that an administrator
// adds, and the tool that makes a bundle of them.
type layout struct {
	marker    string // a file that only these distributions have; "": none is needed
	anchors   string // directory, one certificate a file
	extension string
	bundle    string // what programs read
	tool      string // makes the bundle
	update    func(tool string) []string
	refresh   func(tool string, gone []string) []string // after files of these names were removed
}

func layouts() []layout {
	alone := func(args ...string) (func(string) []string, func(string, []string) []string) {
		return func(tool string) []string { return append([]string{tool}, args...) },
			func(tool string, _ []string) []string { return append([]string{tool}, args...) }
	}
	extract, extractAgain := alone("extract")
	plain, plainAgain := alone()
	return []layout{
		{ // Fedora, RHEL, Amazon Linux: update-ca-trust(8)
			anchors: "/etc/pki/ca-trust/source/anchors", extension: ".pem", bundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
			tool: "update-ca-trust", update: extract, refresh: extractAgain,
		},
		{ // Arch, with an update-ca-trust(8) of its own
			anchors: "/etc/ca-certificates/trust-source/anchors", extension: ".crt", bundle: "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
			tool: "update-ca-trust", update: plain, refresh: plainAgain,
		},
		{ // openSUSE, with an update-ca-certificates(8) of its own
			anchors: "/etc/pki/trust/anchors", extension: ".pem", bundle: "/var/lib/ca-certificates/ca-bundle.pem",
			tool: "update-ca-certificates", update: plain, refresh: plainAgain,
		},
		{ // Debian, Ubuntu: update-ca-certificates(8)
			marker:  "/etc/debian_version",
			anchors: "/usr/local/share/ca-certificates", extension: ".crt", bundle: "/etc/ssl/certs/ca-certificates.crt",
			tool: "update-ca-certificates", update: plain, refresh: debianRefresh,
		},
		{ // Alpine, with an update-ca-certificates(8) of its own
			anchors: "/usr/local/share/ca-certificates", extension: ".crt", bundle: "/etc/ssl/certs/ca-certificates.crt",
			tool: "update-ca-certificates", update: plain, refresh: plainAgain,
		},
	}
}

// debianRefresh tells the tool which files were removed, by lines of its configuration
// that start with an exclamation mark. Otherwise it leaves the links to them, and doesn't
// run its hooks, one of which updates Java's keystore.
func debianRefresh(tool string, gone []string) []string {
	const script = `set -e; tool=$1; shift; conf=$(mktemp); trap 'rm -f "$conf"' EXIT; cat /etc/ca-certificates.conf >"$conf"; ` +
		`printf '!%s\n' "$@" >>"$conf"; "$tool" --certsconf "$conf"`
	links := strings.NewReplacer(" ", "_", "(", "=", ")", "=", ",", "_") // as the tool names its links
	args := []string{"sh", "-c", script, "sh", tool}
	for _, name := range gone {
		args = append(args, links.Replace(name))
	}
	return args
}

// A systemStore is the trust store of a Linux distribution.
type systemStore struct {
	m      Machine
	layout layout
	tool   string // path of the program that makes the bundle
}

// system returns the machine's store, if it has one of the layouts.
func (m Machine) system() []Store {
	for _, l := range layouts() {
		info, err := os.Stat(filepath.Join(m.Top, l.anchors))
		if err != nil || !info.IsDir() {
			continue
		}
		if _, err := os.Stat(filepath.Join(m.Top, l.marker)); err != nil {
			continue
		}
		if tool, ok := m.program(l.tool); ok {
			return []Store{systemStore{m, l, tool}}
		}
	}
	return nil
}

func (s systemStore) Name() string { return "this system's programs (" + s.layout.bundle + ")" }

func (s systemStore) Kind() string { return System }

// Find looks into the bundle, and for files that have only this certificate.
func (s systemStore) Find(_ context.Context, _ Runner, r Root) (Found, error) {
	var f Found
	b, err := os.ReadFile(filepath.Join(s.m.Top, s.layout.bundle))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	_, ours := r.in(b)
	f.Trusted = ours > 0
	dir := filepath.Join(s.m.Top, s.layout.anchors)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return f, err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if b, err := os.ReadFile(path); err == nil {
			if all, ours := r.in(b); all == 1 && ours == 1 {
				f.Names = append(f.Names, path)
			}
		}
	}
	return f, nil
}

// file is the path of the certificate that Add installs.
func (s systemStore) file(r Root) string {
	return filepath.Join(s.m.Top, s.layout.anchors, "detour-"+r.sha256()[:16]+s.layout.extension)
}

func (s systemStore) Add(r Root) ([]Step, error) {
	path := s.file(r)
	copying, err := s.m.asRoot("install", "-m", "0644", r.File, path)
	if err != nil {
		return nil, err
	}
	update, err := s.m.asRoot(s.layout.update(s.tool)...)
	return []Step{
		{Say: "copy the certificate to " + path, Args: copying},
		{Say: "rebuild the system's list of trusted certificates, with it", Args: update},
	}, err
}

// Remove rebuilds the bundle even if no file is left: an earlier removal may have been
// interrupted.
func (s systemStore) Remove(r Root, f Found) (steps []Step, err error) {
	gone := []string{filepath.Base(s.file(r))}
	for _, path := range f.Names {
		remove, err := s.m.asRoot("rm", "-f", path)
		if err != nil {
			return nil, err
		}
		steps = append(steps, Step{Say: "remove " + path, Args: remove})
		if name := filepath.Base(path); name != gone[0] {
			gone = append(gone, name)
		}
	}
	refresh, err := s.m.asRoot(s.layout.refresh(s.tool, gone)...)
	return append(steps, Step{Say: "rebuild the system's list of trusted certificates, without it", Args: refresh}), err
}

package truststore

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

// A keychain is the user's login keychain on macOS, and the user's trust settings, which
// are stored separately. security(1) changes both.
type keychain struct {
	path string
}

func (m Machine) keychain() Store {
	return keychain{path: filepath.Join(m.Home, "Library", "Keychains", "login.keychain-db")}
}

func (k keychain) Name() string { return "this user's programs (" + k.path + ")" }

func (k keychain) Kind() string { return System }

// errSecItemNotFound is security's exit code if there is no such certificate (SecBase.h,
// -25300, of which an exit code has the last byte).
const errSecItemNotFound = 44

// noSettings is what security prints if the user has no trust settings.
const noSettings = "No Trust Settings were found"

func (k keychain) Find(ctx context.Context, run Runner, r Root) (f Found, err error) {
	b, err := run(ctx, []string{"security", "find-certificate", "-a", "-p", "-c", r.name(), k.path})
	if err != nil && exitCode(err) != errSecItemNotFound {
		return f, err
	}
	if _, ours := r.in(b); ours > 0 {
		f.Names = []string{k.path}
	}
	settings, err := run(ctx, []string{"security", "dump-trust-settings"})
	var exit *ExitError
	if errors.As(err, &exit) && strings.Contains(exit.Stderr, noSettings) {
		err = nil
	}
	f.Trusted = slices.Contains(trustSettings(string(settings)), r.name())
	return f, err
}

// trustSettings are the names of the certificates in what security
// dump-trust-settings prints: "Cert 3: NAME".
func trustSettings(dump string) (names []string) {
	for line := range strings.Lines(dump) {
		number, name, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok && strings.HasPrefix(number, "Cert ") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

func (k keychain) Add(r Root) ([]Step, error) {
	return []Step{{
		Say:  "add the certificate to the login keychain and trust it for web servers only; macOS asks for permission",
		Args: []string{"security", "add-trusted-cert", "-r", "trustRoot", "-p", "ssl", "-k", k.path, r.File},
	}}, nil
}

// Remove removes the settings along with the certificate. They may be all that is left,
// if somebody has removed the certificate.
func (k keychain) Remove(r Root, f Found) ([]Step, error) {
	if len(f.Names) == 0 {
		return []Step{{
			Say:  "remove the trust settings of the certificate; macOS asks for permission",
			Args: []string{"security", "remove-trusted-cert", r.File},
		}}, nil
	}
	return []Step{{
		Say:  "delete the certificate and its trust settings from the login keychain; macOS asks for permission",
		Args: []string{"security", "delete-certificate", "-Z", strings.ToUpper(r.sha1()), "-t", k.path},
	}}, nil
}

package truststore

import (
	"context"
	"strings"
)

// A userRoot is the current user's store of trusted roots on Windows, which
// Chrome, Edge and, by default, Firefox read.
type userRoot struct {
	certutil string // Windows' own: NSS's has the same name
}

func (m Machine) userRoot() Store {
	root := m.Env("SystemRoot")
	if root == "" {
		root = `C:\Windows`
	}
	return userRoot{certutil: root + `\System32\certutil.exe`}
}

func (userRoot) Name() string { return `this user's programs (Cert:\CurrentUser\Root)` }

func (userRoot) Kind() string { return System }

// cryptNotFound is certutil's exit code if the store has no such certificate
// (winerror.h, CRYPT_E_NOT_FOUND).
const cryptNotFound = 0x80092004

// Find looks for the thumbprint in certutil's output, whose words are in the user's
// language.
func (u userRoot) Find(ctx context.Context, run Runner, r Root) (f Found, err error) {
	b, err := run(ctx, []string{u.certutil, "-user", "-store", "Root", r.sha1()})
	if err != nil {
		if uint32(exitCode(err)) == cryptNotFound { //nolint:gosec // an exit code on Windows has 32 bits
			err = nil
		}
		return f, err
	}
	digits := strings.ReplaceAll(strings.ToLower(string(b)), " ", "") // older versions print bytes separately
	if strings.Contains(digits, r.sha1()) {
		f.Trusted, f.Names = true, []string{r.sha1()}
	}
	return f, nil
}

func (u userRoot) Add(r Root) ([]Step, error) {
	return []Step{{
		"add the certificate to this user's trusted roots; Windows shows its SHA-1, which is " + r.sha1() + ", and asks for permission",
		[]string{u.certutil, "-user", "-addstore", "Root", r.File},
	}}, nil
}

func (u userRoot) Remove(r Root, _ Found) ([]Step, error) {
	return []Step{{
		"delete the certificate from this user's trusted roots; Windows asks for permission",
		[]string{u.certutil, "-user", "-delstore", "Root", r.sha1()},
	}}, nil
}

package truststore

import (
	"context"
	"errors"

	"golang.org/x/sys/windows"
)

// A userRoot is the current user's store of trusted roots on Windows, which Chrome, Edge and,
// by default, Firefox read.
type userRoot struct {
	certutil string // Windows' own, for people to type: NSS's has the same name
	open     func(store string) (certStore, error)
}

func (m Machine) userRoot() Store {
	root := m.Env("SystemRoot")
	if root == "" {
		root = `C:\Windows`
	}
	return userRoot{certutil: root + `\System32\certutil.exe`, open: openStore}
}

// The names of the stores: the roots, and what nobody may trust even if it is a root.
const (
	rootStore       = "Root"
	disallowedStore = "Disallowed"
)

func (userRoot) Name() string { return `this user's programs (Cert:\CurrentUser\Root)` }

func (userRoot) Kind() string { return System }

func (u userRoot) Find(_ context.Context, _ Runner, r Root) (f Found, err error) {
	roots, err := u.count(rootStore, r)
	if err != nil {
		return f, err
	}
	disallowed, err := u.count(disallowedStore, r)
	if err != nil {
		return f, err
	}
	if roots > 0 {
		f.Names = []string{r.sha1()}
	}
	f.Distrusted = disallowed > 0
	f.Trusted = roots > 0 && !f.Distrusted
	return f, nil
}

func (u userRoot) count(store string, r Root) (int, error) {
	s, err := u.open(store)
	if err != nil {
		return 0, err
	}
	defer s.close()
	return s.count(r.Cert), nil
}

func (u userRoot) Add(r Root) ([]Step, error) {
	return []Step{{
		Say:  "add the certificate to this user's trusted roots; Windows shows its SHA-1, which is " + r.sha1() + ", and asks for permission",
		Args: []string{u.certutil, "-user", "-addstore", "Root", r.File},
		Do:   func() error { return u.change(func(s certStore) error { return s.add(r.Cert) }) },
	}}, nil
}

func (u userRoot) Remove(r Root, _ Found) ([]Step, error) {
	return []Step{{
		Say:  "delete the certificate from this user's trusted roots; Windows asks for permission",
		Args: []string{u.certutil, "-user", "-delstore", "Root", r.sha1()},
		Do:   func() error { return u.change(func(s certStore) error { return s.remove(r.Cert) }) },
	}}, nil
}

// change changes the store of roots.
func (u userRoot) change(do func(certStore) error) error {
	s, err := u.open(rootStore)
	if err != nil {
		return err
	}
	defer s.close()
	return explain(do(s))
}

// explain says what to do about an error of a change.
func explain(err error) error {
	switch {
	case errors.Is(err, windows.ERROR_CANCELLED):
		return &Error{Err: errors.New("permission was refused when Windows asked for it"), Hint: "run the command again, and answer Yes"}
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return &Error{
			Err:  err,
			Hint: "an administrator added it for all users (certlm.msc), or a policy forbids users' own roots: ask your IT",
		}
	}
	return err
}

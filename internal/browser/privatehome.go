package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// privateHomeName is the name of a private home in its profile.
const privateHomeName = "detour-home"

// maxLinks limits the links in a private home; a user's home has some hundred entries.
const maxLinks = 10_000

// A privateHome is the HOME of a Chromium on Linux. Chromium verifies certificates against
// the NSS database in $HOME/.pki/nssdb, and only through one does it both trust a root and
// enforce the name constraints below it. Everything else in the private home is a link to
// the user's own, so that fonts, themes and the programs that open a download find what
// is theirs. The zero value is none.
type privateHome struct {
	dir  string // "": the browser has the user's
	user string // the user's own
}

// newPrivateHome creates the private home of a profile, whose database is a copy of the
// user's own with the roots added. It is none where that isn't possible by design: no
// Linux, a snap or a flatpak, no certutil, no roots. note is what the user should know of
// the browser, if anything.
func newPrivateHome(ctx context.Context, p profile, roots []byte) (h privateHome, note string, err error) {
	certutil := findCertutil()
	if runtime.GOOS != "linux" || p.confined || certutil == "" || len(roots) == 0 {
		return privateHome{}, "", nil
	}
	user, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(user) {
		return privateHome{}, "", errors.New("HOME isn't set to a directory")
	}
	h = privateHome{dir: filepath.Join(p.dir, privateHomeName), user: user}
	h.remove() // left by a run that was killed
	defer func() {
		if err != nil {
			h.remove()
		}
	}()
	if err := h.link(); err != nil {
		return h, "", err
	}
	if note, err = h.trust(ctx, certutil, roots); err != nil {
		return h, "", err
	}
	return h, note, keepDownloads(p.dir, user)
}

// link creates the directory and fills it with links to what the user's home has.
func (h privateHome) link() error {
	if err := os.Mkdir(h.dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(h.user)
	if err != nil {
		return err
	}
	for _, e := range entries[:min(len(entries), maxLinks)] {
		if e.Name() == ".pki" {
			continue
		}
		if err := os.Symlink(filepath.Join(h.user, e.Name()), filepath.Join(h.dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// trust creates the database. A copy of the user's own keeps their CAs, client
// certificates and smart cards; without its password nothing can be added to it, so then
// the database has the roots alone.
func (h privateHome) trust(ctx context.Context, certutil string, roots []byte) (note string, err error) {
	dir := filepath.Join(h.dir, ".pki", "nssdb")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	own, err := h.copyDatabase(dir)
	if err == nil {
		err = trustByCertutil(ctx, certutil, dir, roots)
	}
	if err == nil || own == "" || ctx.Err() != nil {
		return "", err
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	note = fmt.Sprintf("started without the certificates in %s, which can't be copied: %v", own, err)
	return note, trustByCertutil(ctx, certutil, dir, roots)
}

// copyDatabase copies the database that Chromium would use, and returns where that is; "":
// there is none.
func (h privateHome) copyDatabase(to string) (from string, err error) {
	for _, from = range []string{filepath.Join(h.user, ".pki"), filepath.Join(h.xdg("XDG_DATA_HOME", ".local/share"), "pki")} {
		from = filepath.Join(from, "nssdb")
		if _, err := os.Stat(from); err == nil {
			return from, copyDatabase(to, from)
		}
	}
	return "", nil
}

// copyDatabase copies the files of an NSS database: pkcs11.txt lists modules, as those of
// smart cards.
func copyDatabase(to, from string) error {
	for _, name := range append([]string{"pkcs11.txt"}, databases...) {
		if err := copyFile(filepath.Join(to, name), filepath.Join(from, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// xdg is one of the user's base directories (specifications.freedesktop.org/basedir-spec).
func (h privateHome) xdg(variable, fallback string) string {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(h.user, filepath.FromSlash(fallback))
}

// environment is what the private home changes. The base directories stay the user's.
func (h privateHome) environment() []string {
	if h.dir == "" {
		return nil
	}
	changes := []string{"HOME=" + h.dir}
	for _, base := range [][2]string{
		{"XDG_CONFIG_HOME", ".config"},
		{"XDG_DATA_HOME", ".local/share"},
		{"XDG_STATE_HOME", ".local/state"},
		{"XDG_CACHE_HOME", ".cache"},
	} {
		changes = append(changes, base[0]+"="+h.xdg(base[0], base[1]))
	}
	return changes
}

// remove removes the private home; what it links to stays.
func (h privateHome) remove() {
	if h.dir != "" {
		_ = os.RemoveAll(h.dir) // the next run tries again
	}
}

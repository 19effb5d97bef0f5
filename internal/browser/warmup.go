package browser

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// warmUpPatience bounds a warm-up. It takes 4 s, and on a busy machine 10 s.
const warmUpPatience = 40 * time.Second

// byFirefox marks a profile whose trust Firefox wrote. An older certutil can't read
// that, and so not take it back: such a profile stays with Firefox.
const byFirefox = "detour-trust-by-firefox"

// databases are the files in which NSS keeps certificates, and in the second one what
// tells that nobody else wrote their trust: only together are they of use.
var databases = []string{"cert9.db", "key4.db"}

// trustByFirefox has a Firefox that nobody sees put certificates into a profile's
// databases, in place of all that are of the same organizations: those of the runs
// before.
//
// Who can speak to a Firefox in this way can do with it whatever its user can, and
// it asks nobody who they are. So it is started for a profile of its own, in which
// there is nothing but the databases; it is offline; and it has ended before the
// browser is started that shows pages. Its port is on loopback, and it takes nobody
// else from the moment on at which it hears of our session. Until then, for some
// tenths of a second, another program of this machine could be faster, also another
// user's. certutil has no such moment.
func trustByFirefox(ctx context.Context, opt Options, dir string) error {
	err := warmUp(ctx, opt, dir)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil: // nobody waits for it any more
		return ctx.Err()
	default:
		return fmt.Errorf("firefox can't be made to trust this run: %w; %s", err, instead(runtime.GOOS))
	}
}

// instead is what else can be done.
func instead(goos string) string {
	if goos == "windows" { // there is no such certutil
		return "take Edge or Chrome"
	}
	return "install certutil (Debian's libnss3-tools, Fedora's nss-tools, Homebrew's nss), or take Chrome or Edge"
}

func warmUp(ctx context.Context, opt Options, dir string) error {
	add, err := readRoots(opt.Roots)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, warmUpPatience, fmt.Errorf("not done within %v", warmUpPatience))
	defer cancel()
	room := profile{dir: filepath.Join(dir, "detour-warm-up"), throwaway: true}
	room.remove() // of a run that was killed
	if err := os.Mkdir(room.dir, 0o700); err != nil {
		return err
	}
	defer room.remove()
	for _, name := range databases {
		for _, name := range []string{name, name + "-journal"} { // what a crash left behind is undone by it
			if err := copyFile(filepath.Join(room.dir, name), filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	if err := os.WriteFile(filepath.Join(room.dir, "user.js"), []byte(unseenPreferences()), 0o600); err != nil {
		return err
	}
	if err := runUnseen(ctx, opt, room, add.write); err != nil {
		return causeOf(ctx, err)
	}
	if err := os.WriteFile(filepath.Join(dir, byFirefox), nil, 0o600); err != nil {
		return err
	}
	for _, name := range databases {
		if err := os.Remove(filepath.Join(dir, name+"-journal")); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := os.Rename(filepath.Join(room.dir, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// unseenPreferences are those of a Firefox that nobody sees. It asks nothing of anybody,
// and nothing in the table: it is offline, and should it not heed that, its proxy is
// an address that nobody has (RFC 5737). Ours is on loopback, where being offline
// doesn't count.
func unseenPreferences() string {
	return preferences("192.0.2.1", "9") + preference("marionette.port", "0") // any that is free
}

// causeOf says why ctx ended, if it did: what failed then failed because of that.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func copyFile(to, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

// runUnseen starts a Firefox without a window, lets do speak to it, has it end, and
// stays until it has.
func runUnseen(ctx context.Context, opt Options, room profile, do func(context.Context, *marionette) error) error {
	cmd := exec.Command(opt.Path, "--no-remote", "--profile", room.dir, "--headless", "--offline", //nolint:noctx // it ends with its group
		"--marionette", "--remote-allow-system-access", "about:blank")
	cmd.Env = room.environment()
	cmd.Stdout, cmd.Stderr = opt.Log, opt.Log
	cmd.WaitDelay = closeGrace
	ownGroup(cmd)
	leash := newLeash(room.dir)
	defer leash.release()
	if err := cmd.Start(); err != nil {
		return err
	}
	leash.hold(cmd)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how it ended is its own affair
	}()
	defer func() {
		endGroup(cmd) // what is left of it, which is nothing if all went well
		<-ended
	}()
	port, err := portOf(ctx, room.dir, ended)
	if err != nil {
		return err
	}
	m, err := dialMarionette(ctx, port)
	if err != nil {
		return err
	}
	defer m.close()
	if err := m.call(ctx, "WebDriver:NewSession", map[string]any{}, nil); err != nil {
		return err
	}
	// It would take nobody anyway; if it can't close its port, that is open a second longer.
	_ = m.call(ctx, "Marionette:AcceptConnections", map[string]any{"value": false}, nil)
	if err := do(ctx, m); err != nil {
		return err
	}
	if err := m.call(ctx, "Marionette:Quit", map[string]any{"flags": []string{"eForceQuit"}}, nil); err != nil {
		return err
	}
	select {
	case <-ended: // and its databases are whole
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// portOf waits until a Firefox has written into its profile where it listens.
func portOf(ctx context.Context, dir string, ended <-chan struct{}) (int, error) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if port, ok := readPort(filepath.Join(dir, "MarionetteActivePort")); ok {
			return port, nil
		}
		select {
		case <-tick.C:
		case <-ended:
			return 0, errors.New("it ended before it listened")
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// readPort reads a file that may not be there yet, or not all of it: Firefox writes
// the few bytes at once.
func readPort(file string) (int, bool) {
	f, err := os.Open(file)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 16))
	if err != nil {
		return 0, false
	}
	port, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 16)
	return int(port), err == nil && port > 0
}

// additions are certificates to trust, in place of others of the same organizations.
type additions struct {
	der           []string // as base64
	organizations []string
}

func readRoots(rest []byte) (a additions, err error) {
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return a, err
		}
		a.der = append(a.der, base64.StdEncoding.EncodeToString(cert.Raw))
		for _, o := range cert.Subject.Organization {
			if o != "" && !slices.Contains(a.organizations, o) {
				a.organizations = append(a.organizations, o)
			}
		}
	}
	if a.der == nil {
		return a, errors.New("no certificate")
	}
	return a, nil
}

// write puts them into the databases of a Firefox.
func (a additions) write(ctx context.Context, m *marionette) error {
	if err := m.call(ctx, "Marionette:SetContext", map[string]any{"value": "chrome"}, nil); err != nil {
		return err
	}
	var trusted struct{ Value bool }
	args := map[string]any{"script": addRoots, "args": []any{a.der, append([]string{}, a.organizations...)}}
	if err := m.call(ctx, "WebDriver:ExecuteScript", args, &trusted); err != nil {
		return err
	}
	if !trusted.Value {
		return errors.New("it has the certificate and doesn't trust it")
	}
	return nil
}

// addRoots runs in Firefox with the rights of its own code. It returns whether all of
// the certificates are trusted as CAs of web servers.
const addRoots = `
const [add, organizations] = arguments;
const db = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
for (const cert of db.getCerts()) {
	if (!cert.isBuiltInRoot && organizations.includes(cert.organization)) {
		db.deleteCertificate(cert);
	}
}
for (const der of add) {
	db.addCertFromBase64(der, "C,,");
}
return add.every(der => db.isCertTrusted(db.constructX509FromBase64(der), Ci.nsIX509Cert.CA_CERT, Ci.nsIX509CertDB.TRUSTED_SSL));
`

package browser

import (
	"cmp"
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

// trustTimeout limits how long Firefox may take: usually 4 s, on a busy machine 10 s.
const trustTimeout = 40 * time.Second

// byFirefox is a file that marks a profile whose trust Firefox wrote. An older certutil
// can't read that and so can't remove it: such a profile is left to Firefox.
const byFirefox = "detour-trust-by-firefox"

// databases are the files in which NSS keeps certificates. The second one authenticates
// the trust in the first: they are useful only together.
var databases = []string{"cert9.db", "key4.db"}

// trustByFirefox makes a Firefox without a window put certificates into a profile's
// databases, in place of all others of the same organizations, which are those of earlier
// runs.
//
// Whoever is connected to a Firefox in this way can do whatever its user can, without
// authentication. So it runs with a separate profile that holds nothing but the databases,
// it is offline, and it has ended before the browser that shows pages starts. Its port is
// on loopback, and it takes no other connection once our session is open. Until then, for
// some tenths of a second, another program on this machine could connect first, even
// another user's. With certutil there is no such risk.
func trustByFirefox(ctx context.Context, opt Options, dir string) error {
	err := warmUp(ctx, opt, dir)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil: // nobody waits for it any more
		return ctx.Err()
	default:
		return fmt.Errorf("firefox can't trust this run's certificate: %w; %s", err, instead(runtime.GOOS))
	}
}

// instead is what to do without it.
func instead(goos string) string {
	if goos == "windows" { // NSS's certutil isn't available there
		return "use Edge or Chrome"
	}
	return "install certutil (Debian's libnss3-tools, Fedora's nss-tools, Homebrew's nss), or use Chrome or Edge"
}

func warmUp(ctx context.Context, opt Options, dir string) error {
	add, err := readRoots(opt.Roots)
	if err != nil {
		return err
	}
	limit := cmp.Or(opt.trusting, trustTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not finished within %v", limit))
	defer cancel()
	room := profile{dir: filepath.Join(dir, "detour-warm-up"), temporary: true}
	room.remove() // left by a run that was killed
	if err := os.Mkdir(room.dir, 0o700); err != nil {
		return err
	}
	defer room.remove()
	for _, name := range databases {
		for _, name := range []string{name, name + "-journal"} { // a journal undoes what a crash left behind
			if err := copyFile(filepath.Join(room.dir, name), filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	if err := os.WriteFile(filepath.Join(room.dir, "user.js"), []byte(headlessPreferences()), 0o600); err != nil {
		return err
	}
	if err := runHeadless(ctx, opt, room, add.write); err != nil {
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

// headlessPreferences are those of the Firefox without a window. It must send no requests
// at all: it is offline and, if it should ignore that, its proxy is an address that nobody
// has (RFC 5737). The run's own proxy is on loopback, to which being offline doesn't apply.
func headlessPreferences() string {
	return preferences("192.0.2.1", "9") + preference("marionette.port", "0") // any free port
}

// causeOf returns why ctx ended, if it did, in place of an error that followed from that.
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

// runHeadless starts a Firefox without a window, calls do to control it, makes it exit, and
// waits for that.
func runHeadless(ctx context.Context, opt Options, room profile, do func(context.Context, *marionette) error) error {
	cmd := exec.Command(opt.Path, "--no-remote", "--profile", room.dir, "--headless", "--offline", //nolint:noctx // it ends with its group
		"--marionette", "--remote-allow-system-access", "about:blank")
	cmd.Env = room.environment()
	cmd.Stdout, cmd.Stderr = opt.Log, opt.Log
	cmd.WaitDelay = closeGrace
	grouped(cmd)
	watchdog := newWatchdog(room.dir)
	defer watchdog.release()
	if err := watchdog.start(cmd); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // its exit status doesn't matter
	}()
	defer func() {
		killGroup(cmd) // nothing is left of it if all went well
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
	// It takes no other session anyway; an error here only leaves the port open longer.
	_ = m.call(ctx, "Marionette:AcceptConnections", map[string]any{"value": false}, nil)
	if err := do(ctx, m); err != nil {
		return err
	}
	if err := m.call(ctx, "Marionette:Quit", map[string]any{"flags": []string{"eForceQuit"}}, nil); err != nil {
		return err
	}
	select {
	case <-ended: // and its databases are complete
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// portOf waits until a Firefox has written the port that it listens on to its profile.
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
			return 0, errors.New("it exited before it listened")
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// readPort reads the file of the port, which may not exist yet.
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

// additions are certificates to trust in place of others of the same organizations.
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

// write puts them into the databases of the Firefox.
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
		return errors.New("it has the certificate but doesn't trust it")
	}
	return nil
}

// addRoots runs in Firefox with the privileges of its own code. It returns whether all
// certificates are trusted as CAs of web servers.
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

//go:build unix

package browser

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"detour/certs"
)

// firefox starts the real one; headless if opt has no other switch.
func firefox(t *testing.T, opt Options) *Process {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil || testing.Short() {
		t.Skip("needs firefox-esr, and some seconds")
	}
	var log bytes.Buffer
	opt.Path, opt.Log, opt.trusting, opt.exiting = path, &log, patience, patience
	if opt.Args == nil {
		opt.Args = []string{"--headless"}
	}
	p, err := Start(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		if t.Failed() {
			t.Logf("firefox: %s", &log)
		}
	})
	return p
}

// firefoxHome is a home for a real Firefox, which leaves locks and caches behind.
func firefoxHome(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "detour-test-") //nolint:usetesting // t.TempDir isn't removed while a helper still writes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, v := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "TMPDIR"} {
		t.Setenv(v, dir)
	}
	return dir
}

// ways are those in which a profile of Firefox comes to trust.
var ways = map[string]func(*testing.T){
	"by certutil": func(t *testing.T) {
		if findCertutil() == "" {
			t.Skip("needs NSS's certutil")
		}
	},
	"by Firefox": withoutCertutil,
}

// withoutCertutil has nobody find certutil, and Firefox itself find all that it needs:
// it is a script on some systems.
func withoutCertutil(t *testing.T) {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		t.Skip("needs firefox-esr")
	}
	hideCertutil(t, map[string]string{"firefox-esr": path, "sh": "/bin/sh", "which": "/usr/bin/which"})
}

// hideCertutil leaves only these programs in PATH.
func hideCertutil(t *testing.T, programs map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, target := range programs {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	if found := findCertutil(); found != "" {
		t.Skipf("certutil is found anyway: %s", found)
	}
}

func TestFirefox_goesThroughTheProxyAndTrustsTheRoots(t *testing.T) {
	for name, prepare := range ways {
		t.Run(name, func(t *testing.T) {
			firefoxHome(t)
			prepare(t)
			ca, another := signer(t), signer(t) // a run with two chains has two roots
			g := newGate(t, ca.Leaf)
			p := firefox(t, Options{ProxyURL: g.url, Roots: append(another.RootPEM(), ca.RootPEM()...)})
			g.wants(t, p, ConsoleURL+" secure true visits 1")
			p.Close()
			if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "detour-profile-*")); left != nil {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestFirefox_trustsNobodyElse(t *testing.T) {
	firefoxHome(t)
	g := newGate(t, signer(t).Leaf)
	p := firefox(t, Options{ProxyURL: g.url, Roots: signer(t).RootPEM()})
	select {
	case got := <-g.loaded:
		t.Errorf("a page of another chain was loaded: %s", got)
	case <-g.alerts:
	case <-p.Done():
		t.Error("firefox ended")
	}
}

func TestFirefox_aProfileThatIsKeptTrustsTheNextRunAlone(t *testing.T) {
	for name, prepare := range ways {
		t.Run(name, func(t *testing.T) {
			kept := filepath.Join(firefoxHome(t), "kept")
			prepare(t)
			first := signer(t)
			for i, ca := range []*certs.CA{first, signer(t)} { // each run has its own
				g := newGate(t, ca.Leaf)
				p := firefox(t, Options{ProxyURL: g.url, Roots: ca.RootPEM(), ProfileDir: kept})
				g.wants(t, p, fmt.Sprintf("%s secure true visits %d", ConsoleURL, i+1))
				p.Close()
			}
			refuses(t, kept, first)
			isAsBefore(t, kept)
		})
	}
}

// What certutil wrote can be taken back by Firefox. The reverse isn't so, and so isn't
// tried.
func TestFirefox_aProfileThatIsKeptMayLoseCertutilAndGetItBack(t *testing.T) {
	kept := filepath.Join(firefoxHome(t), "kept")
	first := signer(t)
	for i, prepare := range []func(*testing.T){ways["by certutil"], withoutCertutil, func(t *testing.T) { t.Setenv("PATH", os.Getenv("PATH")+":/usr/bin") }} {
		ca := first
		if i > 0 {
			ca = signer(t)
		}
		prepare(t)
		if want := i > 0; StartsTwice("firefox", kept) != want {
			t.Errorf("start %d: twice is %v", i+1, !want)
		}
		g := newGate(t, ca.Leaf)
		p := firefox(t, Options{ProxyURL: g.url, Roots: ca.RootPEM(), ProfileDir: kept})
		g.wants(t, p, fmt.Sprintf("%s secure true visits %d", ConsoleURL, i+1))
		p.Close()
	}
	refuses(t, kept, first)
}

// refuses looks whether a profile, as it is, has a page of that chain refused.
func refuses(t *testing.T, profile string, ca *certs.CA) {
	t.Helper()
	g := newGate(t, ca.Leaf)
	p := firefox(t, Options{ProxyURL: g.url, ProfileDir: profile})
	select {
	case got := <-g.loaded:
		t.Errorf("a page of the run before was loaded: %s", got)
	case <-g.alerts:
	case <-p.Done():
		t.Error("firefox ended")
	}
	p.Close()
}

// isAsBefore looks whether a profile tells of how it was made to trust.
func isAsBefore(t *testing.T, profile string) {
	t.Helper()
	for _, name := range []string{"prefs.js", "user.js"} {
		b, err := os.ReadFile(filepath.Join(profile, name))
		if err != nil || bytes.Contains(b, []byte("marionette")) || bytes.Contains(b, []byte("remote.")) {
			t.Errorf("%s (%v):\n%s", name, err, b)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(profile, "detour-warm-up*")); left != nil {
		t.Errorf("left %v", left)
	}
}

func TestFirefox_asksItsMakerForNothingButWhatProtects(t *testing.T) {
	firefoxHome(t)
	ca := signer(t)
	g := newGate(t, ca.Leaf)
	p := firefox(t, Options{ProxyURL: g.url, Roots: ca.RootPEM()})
	g.wants(t, p, ConsoleURL+" secure true visits 1")
	g.wantsUnasked(t, 10*time.Second, // telemetry, the last one, comes after 5 s
		"incoming.telemetry.mozilla.org", "push.services.mozilla.com", "ads.mozilla.org", "location.services.mozilla.com", "contile.services.mozilla.com")
}

func TestIsFirefox_byItsName(t *testing.T) {
	for path, want := range map[string]bool{
		"/usr/bin/firefox-esr": true, "/Applications/Firefox.app/Contents/MacOS/firefox": true, `C:\Program Files\Mozilla Firefox\firefox.exe`: true,
		"/var/lib/flatpak/exports/bin/org.mozilla.firefox": true, "/snap/bin/firefox": true,
		"/usr/bin/chromium": false, "/opt/firefox/chrome": false,
	} {
		if got := isFirefox(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

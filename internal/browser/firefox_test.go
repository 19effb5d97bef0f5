//go:build unix

package browser

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// firefox starts the real one; headless if opt has no other switch.
func firefox(t *testing.T, opt Options) *Process {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil || testing.Short() {
		t.Skip("needs firefox-esr, and some seconds")
	}
	if _, err := findCertutil(); err != nil {
		t.Skip(err)
	}
	var log bytes.Buffer
	opt.Path, opt.Log = path, &log
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

func TestFirefox_goesThroughTheProxyAndTrustsTheRoots(t *testing.T) {
	firefoxHome(t)
	ca := signer(t)
	g := newGate(t, ca.Leaf)
	p := firefox(t, Options{ProxyURL: g.url, Roots: ca.RootPEM()})
	g.wants(t, p, ConsoleURL+" secure true visits 1")
	p.Close()
	if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "detour-profile-*")); left != nil {
		t.Errorf("left %v", left)
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
	kept := filepath.Join(firefoxHome(t), "kept")
	for _, visits := range []string{"1", "2"} {
		ca := signer(t) // each run has its own
		g := newGate(t, ca.Leaf)
		p := firefox(t, Options{ProxyURL: g.url, Roots: ca.RootPEM(), ProfileDir: kept})
		g.wants(t, p, ConsoleURL+" secure true visits "+visits)
		p.Close()
	}
	certutil, err := findCertutil()
	if err != nil {
		t.Skip(err)
	}
	out, err := exec.CommandContext(t.Context(), certutil, "-L", "-d", "sql:"+kept).CombinedOutput()
	if err != nil || strings.Count(string(out), nickname+" ") != 1 {
		t.Errorf("the profile trusts (%v)\n%s", err, out)
	}
}

func TestFirefox_withoutCertutilIsNotStarted(t *testing.T) {
	dir := firefoxHome(t)
	t.Setenv("PATH", dir)
	program := filepath.Join(dir, "firefox")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	if p, err := Start(t.Context(), Options{Path: program, ProxyURL: proxyURL, Roots: []byte("x")}); err == nil || !strings.Contains(err.Error(), "certutil") {
		t.Errorf("%v, %v", p, err)
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

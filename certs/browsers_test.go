//go:build linux

package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A site is a TLS server on loopback that answers for every host, with certificates
// signed by one chain. It records which of them a browser accepts.
type site struct {
	port  string
	ca    *CA
	certs map[string]*tls.Certificate // by host

	mu      sync.Mutex
	results map[string]string // by host, "page" or the browser's alert
	changed chan struct{}
}

// notPermitted are certificates for names that the chain isn't permitted to sign for.
func notPermitted() map[string]x509.Certificate {
	address := x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	return map[string]x509.Certificate{
		"bank.example":            {DNSNames: []string{"bank.example"}},
		"evilamazonaws.com":       {DNSNames: []string{"evilamazonaws.com"}},
		"amazonaws.com.evil.test": {DNSNames: []string{"amazonaws.com.evil.test"}},
		"inside.amazonaws.com":    {DNSNames: []string{"inside.amazonaws.com", "bank.example"}},
		"127.0.0.1":               address,
	}
}

func newSite(t *testing.T, ca *CA) *site {
	t.Helper()
	s := &site{ca: ca, certs: map[string]*tls.Certificate{}, results: map[string]string{}, changed: make(chan struct{}, 1)}
	for host, template := range notPermitted() {
		c := rogue(t, ca, template)
		s.certs[host] = &tls.Certificate{Certificate: [][]byte{c.Raw, ca.inter.Raw}, PrivateKey: ca.leafKey, Leaf: c}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, s.port, _ = net.SplitHostPort(l.Addr().String())
	srv := &http.Server{
		ErrorLog: log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			host, _, _ := net.SplitHostPort(r.Host)
			s.record(host, "page")
			_, _ = io.WriteString(w, "<!doctype html><title>page</title>")
		}),
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(tlsListener{l, s}) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return s
}

// tlsListener records failed handshakes.
type tlsListener struct {
	net.Listener
	s *site
}

func (h tlsListener) Accept() (net.Conn, error) {
	c, err := h.Listener.Accept()
	if err != nil {
		return nil, err
	}
	name := ""
	tc := tls.Server(c, &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if name = hello.ServerName; name == "" {
			name = "127.0.0.1"
		}
		if c := h.s.certs[name]; c != nil {
			return c, nil
		}
		return h.s.ca.Leaf(name)
	}})
	return &alertConn{Conn: tc, onError: func(err error) {
		var alert *net.OpError
		if errors.As(err, &alert) && alert.Op == "remote error" {
			h.s.record(name, alert.Err.Error())
		}
	}}, nil
}

// alertConn reports failing reads: in TLS 1.3 the client's alert about a certificate
// comes after the server's handshake is done (RFC 8446, 4.4.2.4).
type alertConn struct {
	*tls.Conn
	onError func(error)
}

func (j *alertConn) Read(b []byte) (int, error) {
	n, err := j.Conn.Read(b)
	if err != nil {
		j.onError(err)
	}
	return n, err
}

func (s *site) record(host, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.results[host] != "page" {
		s.results[host] = what
	}
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// wait returns the results once there is one for each of that many hosts.
func (s *site) wait(t *testing.T, hosts int) map[string]string {
	t.Helper()
	for deadline := time.After(time.Minute); ; {
		s.mu.Lock()
		results := maps.Clone(s.results)
		s.mu.Unlock()
		if len(results) >= hosts {
			return results
		}
		select {
		case <-s.changed:
		case <-deadline:
			t.Fatalf("after a minute there are results of %v only", results)
		}
	}
}

// trustInNSS creates an NSS database in dir that trusts a chain's root.
func trustInNSS(t *testing.T, dir string, ca *CA) {
	t.Helper()
	certutil, err := exec.LookPath("certutil")
	if err != nil {
		t.Skip("certutil is not installed (Debian: libnss3-tools)")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "root.pem")
	if err := os.WriteFile(file, ca.RootPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-N", "--empty-password"}, {"-A", "-n", "ours", "-t", "C,,", "-a", "-i", file}} {
		args = append([]string{"-d", "sql:" + dir}, args...)
		if out, err := exec.CommandContext(t.Context(), certutil, args...).CombinedOutput(); err != nil {
			t.Fatalf("certutil %v: %v: %s", args, err, out)
		}
	}
}

// browserHome returns a home directory for a browser, which is removed after the test.
func browserHome(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "detour-test-") //nolint:usetesting // sockets below it have short paths only
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the browser's child processes may still write for a moment
		deadline := time.Now().Add(time.Minute)
		for os.RemoveAll(dir) != nil && time.Now().Before(deadline) {
			time.Sleep(20 * time.Millisecond)
		}
	})
	return dir
}

func TestConstraints_chromiumRejectsOtherNames(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("needs chromium, and some seconds")
	}
	ca, home := ephemeral(t), browserHome(t)
	trustInNSS(t, filepath.Join(home, ".pki/nssdb"), ca)
	s := newSite(t, ca)
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.DisableGPU,
		chromedp.Env("HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "TMPDIR="+home),
		chromedp.UserDataDir(filepath.Join(home, "profile")), chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * 127.0.0.1"))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), opts...)
	defer end()
	ctx, cancel := chromedp.NewContext(ctx)
	defer func() { _ = chromedp.Cancel(ctx); cancel() }()
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	defer stop()
	if err := chromedp.Do(ctx); err != nil { // starts it
		t.Fatal(err)
	}
	visit := func(host string) string {
		tab, cancel := chromedp.NewContext(ctx)
		defer cancel()
		err := chromedp.Do(tab, chromedp.Navigate("https://"+net.JoinHostPort(host, s.port)+"/"))
		var load *chromedp.LoadError
		switch {
		case err == nil:
			return "page"
		case errors.As(err, &load):
			return err.Error()
		}
		return err.Error()
	}
	for _, host := range []string{logs, "console.aws.amazon.com"} {
		if got := visit(host); got != "page" {
			t.Errorf("%s, which is permitted: %s", host, got)
		}
	}
	var wg sync.WaitGroup
	for host := range notPermitted() {
		wg.Go(func() { // at once: Chromium is slow at some errors, because it looks for a captive portal
			if got := visit(host); !strings.Contains(got, "ERR_CERT_INVALID") { // a wrong name or authority has another code
				t.Errorf("%s: %s, want the certificate rejected", host, got)
			}
		})
	}
	wg.Wait()
}

// firefoxPrefs keep Firefox from calling home, and resolve every name to loopback.
const firefoxPrefs = `user_pref("network.dns.forceResolve", "127.0.0.1");
user_pref("network.proxy.type", 0);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("app.update.enabled", false);
user_pref("app.normandy.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("services.settings.server", "https://127.0.0.1:1");
user_pref("security.OCSP.enabled", 0);
`

func TestConstraints_firefoxRejectsOtherNames(t *testing.T) {
	firefox, err := exec.LookPath("firefox-esr")
	if err != nil || testing.Short() {
		t.Skip("needs firefox-esr, and some seconds")
	}
	ca, home := ephemeral(t), browserHome(t)
	profile := filepath.Join(home, "profile")
	trustInNSS(t, profile, ca)
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(firefoxPrefs), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, ca)
	inside := []string{logs, "console.aws.amazon.com"}
	args := []string{"--headless", "--no-remote", "--profile", profile}
	for _, host := range inside {
		args = append(args, (&url.URL{Scheme: "https", Host: net.JoinHostPort(host, s.port)}).String())
	}
	for host := range notPermitted() {
		args = append(args, (&url.URL{Scheme: "https", Host: net.JoinHostPort(host, s.port)}).String())
	}
	cmd := exec.CommandContext(t.Context(), firefox, args...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "TMPDIR="+home,
		"MOZ_CRASHREPORTER_DISABLE=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	results := s.wait(t, len(inside)+len(notPermitted()))
	for _, host := range inside {
		if results[host] != "page" {
			t.Errorf("%s, which is permitted: %s", host, results[host])
		}
	}
	for host := range notPermitted() {
		if got := results[host]; !strings.Contains(got, "certificate") {
			t.Errorf("%q: %s, want the certificate rejected", host, got)
		}
	}
}

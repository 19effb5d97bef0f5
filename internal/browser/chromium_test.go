//go:build unix

package browser

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/certs"
)

const (
	chromiumPath = "/usr/bin/chromium"
	consoleHost  = "console.aws.amazon.com"
	bankHost     = "bank.example" // which no chain of a run may sign for
)

// A gate is the only way out for a browser under test: it plays the console, with
// certificates of a signing chain, and refuses everything else.
type gate struct {
	url    string
	loaded chan string // what the page says of itself, once it runs
	asked  sync.Map    // other hosts, with their ports, that it was asked for
	alerts chan error  // what the browser says of the certificate, if anything
}

// The page counts its visits in a database that says when it has written. Local
// storage doesn't: what it holds may be on its way while the browser is closed.
const page = `<!doctype html><title>console</title><script>
const opening = indexedDB.open("console", 1)
opening.onupgradeneeded = () => opening.result.createObjectStore("visits", {autoIncrement: true})
opening.onsuccess = () => {
	const writing = opening.result.transaction("visits", "readwrite", {durability: "strict"}), visits = writing.objectStore("visits")
	visits.add(Date.now())
	const counting = visits.count()
	writing.oncomplete = () => fetch("/loaded", {method: "POST", body: [location.href, "secure", isSecureContext, "visits", counting.result, ...(navigator.webdriver ? ["driven"] : [])].join(" ")})
}
</script>`

func newGate(t *testing.T, leaf func(string) (*tls.Certificate, error)) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{url: "http://" + l.Addr().String(), loaded: make(chan string, 10), alerts: make(chan error, 100)}
	console := http.NewServeMux()
	console.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, page)
	})
	console.HandleFunc("GET /report.csv", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/csv")
		w.Header().Set("Content-Disposition", "attachment")
		_, _ = io.WriteString(w, "a,b\n")
	})
	console.HandleFunc("POST /loaded", func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		g.loaded <- string(b)
	})
	inside := newQueue(l.Addr())
	inner, outer := &http.Server{Handler: console}, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != consoleHost+":443" && r.Host != bankHost+":443" {
			g.asked.Store(r.Host, true)
			http.Error(w, "not the console", http.StatusForbidden)
			return
		}
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		tc := tls.Server(c, &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return leaf(h.ServerName)
		}})
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		if err := tc.HandshakeContext(r.Context()); err != nil {
			// A browser that starts opens connections ahead of the page and drops some.
			var alert *net.OpError
			if errors.As(err, &alert) && alert.Op == "remote error" {
				g.alerts <- err
			}
			c.Close()
			return
		}
		_ = c.SetDeadline(time.Time{})
		inside.put(tc)
	})}
	done := make(chan struct{}, 2)
	go func() { _ = outer.Serve(l); done <- struct{}{} }()
	go func() { _ = inner.Serve(inside); done <- struct{}{} }()
	t.Cleanup(func() {
		outer.Close()
		inner.Close()
		<-done
		<-done
	})
	return g
}

// A queue is a listener whose connections are put in.
type queue struct {
	addr  net.Addr
	conns chan net.Conn
	ctx   context.Context
	end   context.CancelFunc
}

func newQueue(addr net.Addr) *queue {
	q := &queue{addr: addr, conns: make(chan net.Conn)}
	q.ctx, q.end = context.WithCancel(context.Background())
	return q
}

func (q *queue) put(c net.Conn) {
	select {
	case q.conns <- c:
	case <-q.ctx.Done():
		c.Close()
	}
}

func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.ctx.Done():
		return nil, net.ErrClosed
	}
}

func (q *queue) Close() error { q.end(); return nil }

func (q *queue) Addr() net.Addr { return q.addr }

// home makes a home for a real Chromium, and checks at the end that only it is left.
func home(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(chromiumPath); err != nil || testing.Short() {
		t.Skip("needs " + chromiumPath + ", and some seconds")
	}
	// Chromium puts a socket below it, whose path may have 107 bytes.
	dir, err := os.MkdirTemp("", "detour-test-") //nolint:usetesting // t.TempDir is named after the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, pattern := range []string{"detour-profile-*", "org.chromium.*"} {
			if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) != 0 {
				t.Errorf("left %v", left)
			}
		}
		os.RemoveAll(dir)
	})
	for _, v := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "TMPDIR"} {
		t.Setenv(v, dir)
	}
	return dir
}

// chromium starts the real one without a screen; headless if opt has no other switch.
func chromium(t *testing.T, home string, opt Options) *Process {
	t.Helper()
	var log bytes.Buffer
	opt.Path, opt.Log, opt.exiting = chromiumPath, &log, patience
	if opt.Args == nil {
		opt.Args = []string{"--headless", "--disable-gpu"}
	}
	p, err := Start(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		if t.Failed() {
			t.Logf("chromium: %s", &log)
		}
		var left []string
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			if left = mentioning(home); len(left) == 0 {
				return
			}
		}
		t.Errorf("still running: %q", left)
	})
	return p
}

// patience is how long a browser may take on a busy machine.
const patience = 5 * time.Minute

// wants waits until the page has run and said this of itself.
func (g *gate) wants(t *testing.T, p *Process, want string) {
	t.Helper()
	select {
	case got := <-g.loaded:
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	case err := <-g.alerts:
		t.Errorf("refused: %v", err)
	case <-p.Done():
		t.Error("chromium ended")
	case <-time.After(patience):
		t.Error("the page didn't load")
	}
}

// mentioning lists the command lines of processes that name a directory.
func mentioning(dir string) (found []string) {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range all {
		if b, err := os.ReadFile(file); err == nil && bytes.Contains(b, []byte(dir)) {
			found = append(found, string(bytes.ReplaceAll(b, []byte{0}, []byte{' '})))
		}
	}
	return found
}

func signer(t *testing.T) *certs.CA {
	t.Helper()
	ca, err := certs.Ephemeral([]string{consoleHost}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// trusts are the ways in which a Chromium comes to trust.
var trusts = map[string]func(*testing.T){
	"by a database":     ways["by certutil"],
	"by the run's keys": func(t *testing.T) { hideCertutil(t, nil) },
}

func TestChromium_trustsWhatTheRunSigns(t *testing.T) {
	for name, prepare := range trusts {
		t.Run(name, func(t *testing.T) {
			dir, ca := home(t), signer(t)
			prepare(t)
			g := newGate(t, ca.Leaf)
			p := chromium(t, dir, Options{ProxyURL: g.url, SPKI: ca.SPKI(), Roots: ca.RootPEM()})
			g.wants(t, p, ConsoleURL+" secure true visits 1")
		})
	}
}

func TestChromium_trustsNobodyElse(t *testing.T) {
	for name, prepare := range trusts {
		t.Run(name, func(t *testing.T) {
			dir, ours, theirs := home(t), signer(t), signer(t)
			prepare(t)
			g := newGate(t, theirs.Leaf)
			g.wantsRefused(t, chromium(t, dir, Options{ProxyURL: g.url, SPKI: ours.SPKI(), Roots: ours.RootPEM()}))
		})
	}
}

func leafTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

// appending is a hostile server, which has seen certificates of a run, or of an earlier one
// with the same chain: it signs for itself, and sends them along.
func appending(t *testing.T, seen ...[]byte) func(string) (*tls.Certificate, error) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) (*tls.Certificate, error) {
		template := leafTemplate(name)
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		return &tls.Certificate{Certificate: append([][]byte{der}, seen...), PrivateKey: key}, err
	}
}

// withTheKey is a server of somebody who has obtained the key of a chain that is kept.
func withTheKey(t *testing.T, dir string, ca *certs.CA) func(string) (*tls.Certificate, error) {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(b)
		return block.Bytes
	}
	inter, err := x509.ParseCertificate(read("intermediate.pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(read("intermediate-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) (*tls.Certificate, error) {
		der, err := x509.CreateCertificate(rand.Reader, leafTemplate(name), inter, &key.(*ecdsa.PrivateKey).PublicKey, key)
		return &tls.Certificate{Certificate: [][]byte{der, inter.Raw, ca.Root().Raw}, PrivateKey: key}, err
	}
}

// An earlier run's chain is one that is kept in a directory: its certificates are known to
// everybody who was behind it. The chain of the run itself must not help either where the
// name constraints hold.
func TestBrowser_refusesAServerThatAppendsWhatItHasSeen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	open := func() *certs.CA {
		ca, err := certs.Open(dir, []string{consoleHost}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return ca
	}
	earlier, ca := open(), open()
	served := func(ca *certs.CA) [][]byte {
		leaf, err := ca.Leaf(consoleHost)
		if err != nil {
			t.Fatal(err)
		}
		return append(leaf.Certificate, ca.Root().Raw)
	}
	inChromium := func(t *testing.T, o Options) *Process { t.Helper(); return chromium(t, home(t), o) }
	inFirefox := func(t *testing.T, o Options) *Process { t.Helper(); firefoxHome(t); return firefox(t, o) }
	for name, tc := range map[string]struct {
		prepare func(*testing.T)
		start   func(*testing.T, Options) *Process
		seen    [][]byte
	}{
		"Chromium, by a database":     {trusts["by a database"], inChromium, served(ca)},
		"Chromium, by the run's keys": {trusts["by the run's keys"], inChromium, served(earlier)},
		"Firefox, by certutil":        {ways["by certutil"], inFirefox, served(ca)},
		"Firefox, by itself":          {ways["by Firefox"], inFirefox, served(ca)},
	} {
		for server, leaf := range map[string]func(string) (*tls.Certificate, error){
			"what it has seen": appending(t, tc.seen...), "a leaf by the kept key": withTheKey(t, dir, ca),
		} {
			t.Run(name+", "+server, func(t *testing.T) {
				tc.prepare(t)
				g := newGate(t, leaf)
				g.wantsRefused(t, tc.start(t, Options{ProxyURL: g.url, SPKI: ca.SPKI(), Roots: ca.RootPEM(), URL: "https://" + bankHost + "/"}))
			})
		}
	}
}

// wantsRefused waits until the browser refuses the certificate.
func (g *gate) wantsRefused(t *testing.T, p *Process) {
	t.Helper()
	select {
	case got := <-g.loaded:
		t.Errorf("loaded %q with a certificate of another chain", got)
	case err := <-g.alerts:
		if !strings.Contains(err.Error(), "certificate") {
			t.Errorf("refused: %v, want because of the certificate", err)
		}
	case <-p.Done():
		t.Error("the browser ended")
	case <-time.After(patience):
		t.Error("nothing happened")
	}
}

func TestChromium_keepsWhatAPageStoredInAProfileThatIsKept(t *testing.T) {
	dir, ca := home(t), signer(t)
	ways["by certutil"](t)
	for _, visits := range []string{"1", "2"} {
		if visits == "2" {
			ca = signer(t) // each run has its own
		}
		g := newGate(t, ca.Leaf)
		p := chromium(t, dir, Options{ProxyURL: g.url, Roots: ca.RootPEM(), ProfileDir: filepath.Join(dir, "kept")})
		g.wants(t, p, ConsoleURL+" secure true visits "+visits)
		p.Close()
		removeSockets(t, dir)
	}
}

// removeSockets removes what Chromium itself leaves in TMPDIR, see
// profile.environment.
func removeSockets(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "org.chromium.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range left {
		if err := os.RemoveAll(l); err != nil {
			t.Fatal(err)
		}
	}
}

// wantsUnasked looks for some time whether a browser asks one of these hosts.
func (g *gate) wantsUnasked(t *testing.T, within time.Duration, hosts ...string) {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		for _, h := range hosts {
			if _, asked := g.asked.Load(h + ":443"); asked {
				t.Fatalf("it asks %s", h)
			}
		}
	}
}

func TestChromium_asksNobodyWhoIsSignedIn(t *testing.T) {
	dir, ca := home(t), signer(t)
	g := newGate(t, ca.Leaf)
	p := chromium(t, dir, Options{ProxyURL: g.url, SPKI: ca.SPKI(), Args: []string{"--ozone-platform=headless", "--disable-gpu"}})
	g.wants(t, p, ConsoleURL+" secure true visits 1")
	g.wantsUnasked(t, 4*time.Second, "accounts.google.com") // which comes in the first one or two
}

func TestChromium_downloadsToTheUsersOwnDirectory(t *testing.T) {
	dir, ca := home(t), signer(t)
	ways["by certutil"](t)
	own := filepath.Join(dir, "own downloads")
	if err := os.WriteFile(filepath.Join(dir, "user-dirs.dirs"), []byte("XDG_DOWNLOAD_DIR=\"$HOME/own downloads\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := newGate(t, ca.Leaf)
	chromium(t, dir, Options{
		ProxyURL: g.url, Roots: ca.RootPEM(), URL: ConsoleURL + "report.csv",
		Args: []string{"--ozone-platform=headless", "--disable-gpu"}, // with --headless it downloads nothing
	})
	want := filepath.Join(own, "report.csv")
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if b, err := os.ReadFile(want); err == nil && string(b) == "a,b\n" {
			return
		}
	}
	t.Errorf("%s did not come", want)
}

package peeruser

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"detour/internal/fault"
	"detour/internal/leaktest"
)

// TestMain lets the test program be another user's client: see visit.
func TestMain(m *testing.M) {
	if addr := os.Getenv("PEERUSER_TEST_VISIT"); addr != "" {
		os.Exit(visitor(addr, os.Getenv("PEERUSER_TEST_LEAVE") != ""))
	}
	leaktest.Main(m)
}

// nobody is a user other than the tests'.
const nobody = 65534

const request11 = "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n"

// visitor sends a request, and prints the answer or leaves at once.
func visitor(addr string, leave bool) int {
	c, err := net.Dial("tcp", addr)
	if err == nil {
		_, err = io.WriteString(c, request11)
	}
	if err == nil && !leave {
		_, err = io.Copy(os.Stdout, c)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// visit has a program of a user send a request, and returns its answer.
func visit(t *testing.T, uid int, addr string, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(env, "PEERUSER_TEST_VISIT="+addr)
	if uid != os.Geteuid() {
		if os.Geteuid() != 0 {
			t.Skip("needs root, to be another user")
		}
		cmd.Path = copyOf(t, self)
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// copyOf copies the test program to where another user can execute it.
func copyOf(t *testing.T, program string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "detour-test-") //nolint:usetesting // only the tests' user may enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "visitor")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(to, b, 0o755)); err != nil { //nolint:gosec // it is executed by another user
		t.Fatal(err)
	}
	return to
}

// serve answers each request that it can read, until the end of the test. got receives
// what it has read.
func serve(t *testing.T, g *Guard, addr string) (at string, got chan string) {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skip(err)
	}
	got = make(chan string, 100)
	done := make(chan struct{})
	guarded := g.Listener(l)
	go func() {
		defer close(done)
		for {
			c, err := guarded.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 1<<10)
			n, err := c.Read(b)
			if err == nil {
				_, _ = io.WriteString(c, "served")
			}
			got <- string(b[:n])
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String(), got
}

// guard is one with this finder, or with the system's; notices receives what it tells.
func guard(t *testing.T, f finder) (g *Guard, notices chan string) {
	t.Helper()
	notices = make(chan string, 100)
	tell := func(text string) { notices <- text }
	g, err := New(tell, fault.NewGuard(slog.New(slog.DiscardHandler), tell))
	if err != nil {
		t.Fatal(err)
	}
	if f != nil {
		g.finder.close()
		g.finder = f
	}
	t.Cleanup(g.Close)
	return g, notices
}

// finders make a finder for each way of looking up.
var finders = map[string]func(*testing.T) finder{
	"sock_diag": func(t *testing.T) finder {
		t.Helper()
		d, err := newDiag()
		if err != nil {
			t.Skip(err)
		}
		return d
	},
	"/proc/net": func(*testing.T) finder { return procNet{"/proc/net"} },
}

func TestGuard_servesItsOwnUserAndRefusesAnother(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to be another user")
	}
	for name, newFinder := range finders {
		for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
			t.Run(name+" "+addr, func(t *testing.T) {
				g, notices := guard(t, newFinder(t))
				at, got := serve(t, g, addr)
				if answer := visit(t, os.Geteuid(), at); answer != "served" || <-got != request11 {
					t.Errorf("its own user's program gets %q", answer)
				}
				answer := visit(t, nobody, at)
				if !strings.HasPrefix(answer, "HTTP/1.1 403 ") || !strings.Contains(answer, "--allow-users any") {
					t.Errorf("another user's program gets %q", answer)
				}
				if read := <-got; read != "" {
					t.Errorf("the server reads %q", read)
				}
				if text := <-notices; !strings.Contains(text, "(user 65534)") || !strings.Contains(text, "--allow-users any") {
					t.Errorf("it tells %q", text)
				}
			})
		}
	}
}

// An IPv4 connection of a socket for IPv6 is in another list.
func TestFinder_knowsASocketForIPv6WithAnIPv4Connection(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Skip(err)
	}
	defer unix.Close(fd)
	to := &unix.SockaddrInet6{Port: l.Addr().(*net.TCPAddr).Port, Addr: netip.MustParseAddr("::ffff:127.0.0.1").As16()}
	if err := unix.Connect(fd, to); err != nil {
		t.Skip(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for name, newFinder := range finders {
		f := newFinder(t)
		if u, err := f.find(endpoint(c.LocalAddr()), endpoint(c.RemoteAddr())); err != nil || !u.passes {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
		f.close()
	}
}

// The kernel says that such a socket is root's.
func TestFinder_doesNotTakeASocketThatNobodyHasForRoots(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	left, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	left.Close()
	for name, newFinder := range finders {
		f := newFinder(t)
		if u, err := f.find(endpoint(c.LocalAddr()), endpoint(c.RemoteAddr())); !errors.Is(err, errUnknown) {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
		f.close()
	}
}

func TestGuard_aProgramThatLeavesAtOnceIsNotServed(t *testing.T) {
	g, notices := guard(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	visit(t, nobody, l.Addr().String(), "PEERUSER_TEST_LEAVE=1")
	c, err := g.Listener(l).Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.Read(make([]byte, 100)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("its request is read: %d, %v", n, err)
	}
	select {
	case text := <-notices: // it may as well have been the browser's
		t.Errorf("it tells %q", text)
	default:
	}
}

func TestGuard_refusesWhatTheSystemDoesNotKnowAndSaysWhatItMayBe(t *testing.T) {
	g, notices := guard(t, answering{err: errUnknown})
	at, got := serve(t, g, "127.0.0.1:0")
	answer := visit(t, os.Geteuid(), at)
	for name, text := range map[string]string{"the program": answer, "the user": <-notices} {
		if !strings.Contains(text, "the system doesn't say whose it is") || !strings.Contains(text, "namespace") || !strings.Contains(text, "--allow-users any") {
			t.Errorf("%s is told %q", name, text)
		}
	}
	if read := <-got; read != "" {
		t.Errorf("the server reads %q", read)
	}
}

func TestGuard_saysNothingOfAConnectionThatAsksNothing(t *testing.T) {
	for name, f := range map[string]answering{"unknown": {err: errUnknown}, "another user's": {user: user{id: "4242"}}} {
		g, notices := guard(t, f)
		at, got := serve(t, g, "127.0.0.1:0")
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		if read := <-got; read != "" || len(notices) != 0 {
			t.Errorf("%s: the server reads %q, and %d notices are given", name, read, len(notices))
		}
	}
}

// slow is a finder that answers when it is told to.
type slow struct {
	answering
	ready chan struct{}
}

func (slow) quick() bool { return false }

func (s slow) find(_, _ netip.AddrPort) (user, error) { <-s.ready; return s.user, nil }

func TestGuard_aSlowLookUpDelaysItsOwnConnectionOnly(t *testing.T) {
	f := slow{answering{user: user{"1", true}}, make(chan struct{})}
	g, _ := guard(t, f)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	guarded := g.Listener(l)
	var accepted []net.Conn
	for range 2 {
		near, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer near.Close()
		if _, err := io.WriteString(near, "x"); err != nil {
			t.Fatal(err)
		}
		c, err := guarded.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		accepted = append(accepted, c)
	}
	close(f.ready)
	for _, c := range accepted {
		if n, err := c.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
}

// For a connection that the kernel doesn't have, it answers with a listening socket.
func TestFinder_doesNotTakeAListeningSocketForAConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	listening := endpoint(l.Addr())
	for name, newFinder := range finders {
		f := newFinder(t)
		if u, err := f.find(netip.MustParseAddrPort("127.0.0.1:1"), listening); !errors.Is(err, errUnknown) {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
		f.close()
	}
}

func TestNew_failsWhereTheSystemDoesNotKnowItsOwnConnection(t *testing.T) {
	if err := try(procNet{t.TempDir()}); !errors.Is(err, errUnknown) {
		t.Errorf("%v", err)
	}
	for _, f := range []answering{{user{"1", false}, nil}, {user{}, errors.New("no")}} {
		if try(f) == nil {
			t.Errorf("%+v is believed", f)
		}
	}
}

// answering is a finder that always has the same answer.
type answering struct {
	user user
	err  error
}

func (a answering) find(_, _ netip.AddrPort) (user, error) { return a.user, a.err }
func (answering) quick() bool                              { return true }
func (answering) close()                                   {}

func TestSaid_tellsTheFirstAndThenOfManyTogether(t *testing.T) {
	var told []string
	now := time.Unix(0, 0)
	s := said{tell: func(text string) { told = append(told, text) }, every: time.Minute, now: func() time.Time { return now }}
	for range 1000 {
		s.refused(func() string { return "refused" })
	}
	now = now.Add(time.Minute)
	s.refused(func() string { return "refused again" })
	want := []string{"refused: " + hint, "refused again, and 999 others before it: " + hint}
	if len(told) != 2 || told[0] != want[0] || told[1] != want[1] {
		t.Errorf("told %q, want %q", told, want)
	}
}

// many writes a list of as many sockets, of which the last is the one between these.
func many(t testing.TB, sockets int, local, peer netip.AddrPort) procNet {
	t.Helper()
	var b strings.Builder
	b.WriteString("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n")
	line := func(i int, from, to netip.AddrPort) {
		fmt.Fprintf(&b, "%5d: %s:%04X %s:%04X 01 00000000:00000000 00:00000000 00000000 %5d        0 12345 1 0000000000000000 20 4 30 10 -1\n",
			i, inWords(from.Addr().AsSlice()), from.Port(), inWords(to.Addr().AsSlice()), to.Port(), 4242)
	}
	other := netip.MustParseAddrPort("10.0.0.1:443")
	for i := range sockets - 1 {
		line(i, other, other)
	}
	line(sockets, peer, local)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tcp"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return procNet{dir}
}

func TestProcNet_findsOneOfManySockets(t *testing.T) {
	local, peer := netip.MustParseAddrPort("127.0.0.1:8080"), netip.MustParseAddrPort("127.0.0.1:50000")
	u, err := many(t, 1000, local, peer).find(local, peer)
	if err != nil || u.id != "4242" || u.passes {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := many(t, 1000, local, peer).find(peer, local); !errors.Is(err, errUnknown) {
		t.Errorf("our own end is taken for the other: %v", err)
	}
}

func BenchmarkProcNet_100000Sockets(b *testing.B) {
	local, peer := netip.MustParseAddrPort("127.0.0.1:8080"), netip.MustParseAddrPort("127.0.0.1:50000")
	f := many(b, 100_000, local, peer)
	for b.Loop() {
		if _, err := f.find(local, peer); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDiag(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	d, err := newDiag()
	if err != nil {
		b.Skip(err)
	}
	defer d.close()
	local, peer := endpoint(c.RemoteAddr()), endpoint(c.LocalAddr())
	for b.Loop() {
		if _, err := d.find(local, peer); err != nil {
			b.Fatal(err)
		}
	}
	runtime.KeepAlive(c)
}

// A panicking is a finder that panics whenever it is asked.
type panicking struct{ isQuick bool }

func (panicking) find(netip.AddrPort, netip.AddrPort) (user, error) { panic("test") }
func (p panicking) quick() bool                                     { return p.isQuick }
func (panicking) close()                                            {}

// A connection isn't served if detour can't find out whose it is, and that is told once.
func TestGuard_refusesWhatItCannotLookUp(t *testing.T) {
	for _, quick := range []bool{true, false} {
		g, notices := guard(t, panicking{quick})
		at, got := serve(t, g, "127.0.0.1:0")
		for range 2 {
			answer := visit(t, os.Geteuid(), at)
			if !strings.HasPrefix(answer, "HTTP/1.1 403 ") || !strings.Contains(answer, "fault in detour") || strings.Contains(answer, "namespace") {
				t.Errorf("the program gets %q", answer)
			}
			if read := <-got; read != "" {
				t.Errorf("the server reads %q", read)
			}
		}
		if text := <-notices; !strings.Contains(text, "detour has a fault") || len(notices) > 0 {
			t.Errorf("it tells %q, and %d more", text, len(notices))
		}
	}
}

//go:build unix

package browser

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const secondPage = ConsoleURL + "?second"

// handing is a browser whose program, started for a profile that is open, writes its
// arguments to the file and its process id to another one, and then does as body says.
func handing(t *testing.T, body string) (p *Process, profile, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "handed")
	path := script(t, `for a in "$@"; do case $a in --user-data-dir=*) dir=${a#*=};; esac; done
mkdir "$dir/open" 2>/dev/null && exec sleep 60
echo $$ > `+file+`.pid
printf '%s\n' "$@" > `+file+`.new
mv `+file+`.new `+file+`
`+body)
	profile = filepath.Join(t.TempDir(), "profile")
	p, err := Start(t.Context(), Options{Path: path, ProxyURL: proxyURL, SPKI: "pin=", ProfileDir: profile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	for deadline := time.Now().Add(time.Minute); gone(filepath.Join(profile, "open")); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it doesn't start")
		}
	}
	return p, profile, file
}

func TestOpen_startsTheProgramOnceMoreForTheSameProfile(t *testing.T) {
	p, profile, file := handing(t, "exit 0")
	if err := p.Open(t.Context(), secondPage); err != nil {
		t.Fatal(err)
	}
	want := arguments(Options{ProxyURL: proxyURL, SPKI: "pin=", URL: secondPage}, profile, asRoot())
	if got := lines(t, file); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	select {
	case <-p.Done():
		t.Error("the browser has ended")
	default:
	}
}

func TestOpen_saysThatThePageWasNotTaken(t *testing.T) {
	p, _, _ := handing(t, "exit 21")
	if err := p.Open(t.Context(), secondPage); !errors.Is(err, ErrNotTaken) {
		t.Errorf("got %v", err)
	}
}

func TestOpen_takesNothingButPages(t *testing.T) {
	p, _, file := handing(t, "exit 0")
	for _, url := range []string{"", "--no-proxy-server", "file:///etc/passwd", "javascript:alert(1)", "console.aws.amazon.com"} {
		if err := p.Open(t.Context(), url); err == nil {
			t.Errorf("%q is opened", url)
		}
	}
	if !gone(file) {
		t.Error("the program was started")
	}
}

func TestOpen_afterTheEndSaysSo(t *testing.T) {
	p, _, file := handing(t, "exit 0")
	p.Close()
	if err := p.Open(t.Context(), secondPage); !errors.Is(err, ErrEnded) {
		t.Errorf("got %v", err)
	}
	if !gone(file) {
		t.Error("the program was started")
	}
}

func TestOpen_aProgramThatBecomesABrowserEndsWithTheOneThatItWasFor(t *testing.T) {
	p, _, file := handing(t, "exec sleep 60")
	opened := make(chan error, 1)
	go func() { opened <- p.Open(t.Context(), secondPage) }()
	lines(t, file)
	pid, err := strconv.Atoi(lines(t, file+".pid")[0])
	if err != nil {
		t.Fatal(err)
	}
	p.signal(terminate) // as a person does who closes its window
	<-p.Done()
	if !dead(t, pid) {
		t.Error("two browsers had the profile")
	}
	if err := <-opened; !errors.Is(err, ErrEnded) {
		t.Errorf("got %v", err)
	}
}

func TestOpen_endsWithItsContext(t *testing.T) {
	p, _, file := handing(t, "exec sleep 60")
	ctx, cancel := context.WithCancel(t.Context())
	opened := make(chan error, 1)
	go func() { opened <- p.Open(ctx, secondPage) }()
	lines(t, file)
	cancel()
	if err := <-opened; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Without --headless Chromium is what a person has, on a screen that isn't there.
func TestOpen_chromiumShowsThePageInTheBrowserThatIsOpen(t *testing.T) {
	dir, ca := home(t), signer(t)
	g := newGate(t, ca.Leaf)
	p := chromium(t, dir, Options{ProxyURL: g.url, SPKI: ca.SPKI(), Args: []string{"--ozone-platform=headless", "--disable-gpu"}, handing: patience})
	g.wants(t, p, ConsoleURL+" secure true visits 1")
	if err := p.Open(t.Context(), secondPage); err != nil {
		t.Fatal(err)
	}
	g.wants(t, p, secondPage+" secure true visits 2") // the same profile
}

func TestOpen_aHeadlessChromiumTakesNoPage(t *testing.T) {
	dir, ca := home(t), signer(t)
	g := newGate(t, ca.Leaf)
	p := chromium(t, dir, Options{ProxyURL: g.url, SPKI: ca.SPKI()})
	g.wants(t, p, ConsoleURL+" secure true visits 1")
	if err := p.Open(t.Context(), secondPage); !errors.Is(err, ErrNotTaken) {
		t.Errorf("got %v", err)
	}
}

func TestOpen_firefoxShowsThePageInTheBrowserThatIsOpen(t *testing.T) {
	firefoxHome(t)
	desktopSession(t)
	ca := signer(t)
	g := newGate(t, ca.Leaf)
	p := firefox(t, Options{ProxyURL: g.url, Roots: ca.RootPEM(), Args: []string{"--name", "detour-test"}, handing: patience})
	g.wants(t, p, ConsoleURL+" secure true visits 1")
	if err := p.Open(t.Context(), secondPage); err != nil {
		t.Fatal(err)
	}
	g.wants(t, p, secondPage+" secure true visits 2")
}

func TestOpen_aHeadlessFirefoxTakesNoPageAndGoesOn(t *testing.T) {
	firefoxHome(t)
	ca := signer(t)
	g := newGate(t, ca.Leaf)
	p := firefox(t, Options{ProxyURL: g.url, Roots: ca.RootPEM()})
	g.wants(t, p, ConsoleURL+" secure true visits 1")
	if err := p.Open(t.Context(), secondPage); !errors.Is(err, ErrNotTaken) {
		t.Errorf("got %v", err)
	}
	select {
	case <-p.Done():
		t.Error("the browser has ended")
	default:
	}
}

// desktopSession is what a person's session has and Firefox needs to take pages: a screen
// and a session bus.
func desktopSession(t *testing.T) {
	t.Helper()
	background(t, "Xvfb", func(first string) { t.Setenv("DISPLAY", ":"+first) }, "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp")
	background(t, "dbus-daemon", func(first string) { t.Setenv("DBUS_SESSION_BUS_ADDRESS", first) }, "--session", "--nofork", "--nopidfile", "--print-address=1")
}

// background runs a program until the test ends, once it has said its first line.
func background(t *testing.T, program string, said func(first string), args ...string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil || testing.Short() {
		t.Skip("needs " + program + ", and some seconds")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = io.Discard
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it tidies up
	cmd.WaitDelay = closeGrace
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	var first bytes.Buffer
	for b := make([]byte, 1); ; {
		if _, err := out.Read(b); err != nil {
			t.Fatalf("%s: %v", program, err)
		}
		if b[0] == '\n' {
			break
		}
		first.Write(b)
	}
	said(strings.TrimSpace(first.String()))
}

//go:build unix

package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// notFirefox is a program of that name which says that it listens at port, if it isn't
// 0, and does then as body says. Its process id is in the file.
func notFirefox(t *testing.T, port int, body string) (path, pid string) {
	t.Helper()
	path = filepath.Join(filepath.Dir(script(t, "")), "firefox")
	said := ""
	if port != 0 {
		said = fmt.Sprintf("printf %d > \"$3/MarionetteActivePort\"\n", port) // --no-remote --profile DIR
	}
	text := "#!/bin/sh\necho $$ > " + path + ".new; mv " + path + ".new " + path + ".pid\n" + said + body + "\n"
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	return path, path + ".pid"
}

// failing starts it for a profile that is kept and returns why it doesn't start.
func failing(t *testing.T, ctx context.Context, path string) error { //nolint:revive // t comes first in this package
	t.Helper()
	t.Setenv("PATH", "/bin:/usr/bin")
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.Mkdir(kept, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(kept, byFirefox), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Start(ctx, Options{Path: path, ProxyURL: proxyURL, Roots: signer(t).RootPEM(), ProfileDir: kept})
	if err == nil {
		p.Close()
		t.Fatal("it is started, and trusts nobody")
	}
	if left, _ := filepath.Glob(filepath.Join(kept, "detour-warm-up*")); left != nil {
		t.Errorf("left %v", left)
	}
	return err
}

// answering is what listens in Firefox's place and sends these, one to begin with and
// one for each command.
func answering(t *testing.T, messages ...string) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		for _, m := range messages {
			if _, err := io.WriteString(c, m); err != nil {
				return
			}
			if _, err := readMessage(r); err != nil {
				return
			}
		}
		_, _ = r.ReadByte() // until the other side has enough
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port
}

const greeting = `{"applicationType":"gecko","marionetteProtocol":3}`

func message(s string) string { return string(framed([]byte(s))) }

func TestTrustByFirefox_whatFailsIsSaidWithWhatElseCanBeDone(t *testing.T) {
	for name, tc := range map[string]struct {
		says []string
		want string
	}{
		"another program listens": {[]string{"SSH-2.0-OpenSSH_9.2\r\n"}, "not a message"},
		"another protocol":        {[]string{message(`{"marionetteProtocol":4}`)}, "want protocol 3"},
		"somebody has a session": {
			[]string{message(greeting), message(`[1,1,{"error":"session not created","message":"Maximum number of active sessions"},null]`)},
			"Maximum number of active sessions",
		},
		"no chrome context": {
			[]string{message(greeting), message(`[1,1,null,{}]`), message(`[1,2,null,{}]`), message(`[1,3,{"error":"unsupported operation","message":"System access is required"},null]`)},
			"System access is required",
		},
		"it isn't trusted": {
			[]string{message(greeting), message(`[1,1,null,{}]`), message(`[1,2,null,{}]`), message(`[1,3,null,{}]`), message(`[1,4,null,{"value":false}]`)},
			"doesn't trust it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path, pid := notFirefox(t, answering(t, tc.says...), "exec sleep 60")
			err := failing(t, t.Context(), path)
			for _, want := range []string{tc.want, "firefox can't trust this run's certificate", "certutil", "Chrome"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			isDead(t, pid)
		})
	}
}

func isDead(t *testing.T, file string) {
	t.Helper()
	pid, err := strconv.Atoi(lines(t, file)[0])
	if err != nil {
		t.Fatal(err)
	}
	if !dead(t, pid) {
		t.Error("it lives")
	}
}

func TestTrustByFirefox_aProgramThatEndsIsNotWaitedFor(t *testing.T) {
	path, _ := notFirefox(t, 0, "exit 1")
	start := time.Now()
	if err := failing(t, t.Context(), path); !strings.Contains(err.Error(), "exited before it listened") {
		t.Error(err)
	}
	if took := time.Since(start); took > trustTimeout/2 {
		t.Errorf("took %v", took)
	}
}

func TestTrustByFirefox_endsWithItsContext(t *testing.T) {
	for name, port := range map[string]func(*testing.T) int{
		"before it listens":           func(*testing.T) int { return 0 },
		"while nothing is said":       func(t *testing.T) int { return answering(t, "") },
		"while an answer is awaited":  func(t *testing.T) int { return answering(t, message(greeting), "") },
		"in the middle of the answer": func(t *testing.T) int { return answering(t, message(greeting), "100:[1,") },
	} {
		t.Run(name, func(t *testing.T) {
			path, pid := notFirefox(t, port(t), "exec sleep 60")
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				lines(t, pid) // it runs
				cancel()
			}()
			if err := failing(t, ctx, path); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			isDead(t, pid)
		})
	}
}

func TestReadPort_waitsForAWholeOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "port")
	for in, want := range map[string]int{"": 0, "0": 0, "-1": 0, "65536": 0, "2828": 2828, "2828\n": 2828, "28 28": 0, strings.Repeat("1", 100): 0} {
		if err := os.WriteFile(file, []byte(in), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := readPort(file); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %d %v", in, got, ok)
		}
	}
}

func TestReadRoots_namesWhomTheyReplace(t *testing.T) {
	a, err := readRoots(append(signer(t).RootPEM(), signer(t).RootPEM()...))
	if err != nil || len(a.der) != 2 || len(a.organizations) != 1 {
		t.Errorf("%d certificates, of %q: %v", len(a.der), a.organizations, err)
	}
	for _, in := range []string{"", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		if _, err := readRoots([]byte(in)); err == nil {
			t.Errorf("%q is a certificate", in)
		}
	}
}

func TestInstead_namesNoProgramThatTheSystemHasNot(t *testing.T) {
	for goos, want := range map[string]bool{"linux": true, "darwin": true, "windows": false} {
		if got := strings.Contains(instead(goos), "certutil"); got != want {
			t.Errorf("%s: %s", goos, instead(goos))
		}
	}
}

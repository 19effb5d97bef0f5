package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// ownState returns the variable of a state directory, which runs and watchers share.
func ownState(t *testing.T) (variable string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "d") //nolint:usetesting // short: a socket's path has 108 bytes at most (unix(7))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return "XDG_STATE_HOME=" + dir
}

func TestAttach_inAnotherTerminal(t *testing.T) {
	bin := buildDetour(t)
	for name, watch := range map[string]func(t *testing.T, bin string){"by the socket": watchBySocket, "by a link": watchByLink} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			watch(t, bin)
		})
	}
}

// watchBySocket has a host and two who watch it, who end one after the other.
func watchBySocket(t *testing.T, bin string) {
	env := "env " + ownState(t) + " "
	host := openTerminal(t, "120", "30", "sh -c '"+env+bin+" demo; echo code=$?; read x'")
	host.wait("the run", contains("DEMO", "EC2 DescribeInstances"))
	first := openTerminal(t, "80", "24", "sh -c '"+env+"LC_ALL=C TERM=vt100 "+bin+" attach; echo code=$?; read x'")
	first.wait("the run at the watcher", contains("WATCHING DEMO", "EC2 DescribeInstances"))
	second := openTerminal(t, "120", "30", env+bin+" attach")
	second.wait("the run at another watcher", contains("WATCHING DEMO", "private private-"))
	host.wait("the number of those who watch", contains("2 watch"))
	second.keys("m")
	second.wait("why it can't mark", contains("m: only the host can do this"))
	second.keys(":follow-host", "Enter")
	second.wait("that it follows", contains("following the host"))
	host.keys("g", "j")
	host.wait("the second row", contains("row 2 of"))
	second.wait("the host's row", contains("row 2 of"))
	host.keys("m")
	second.wait("the host's mark", contains("▸ *"))

	second.tmux("kill-server")
	host.wait("one less", func(s string) bool { return strings.Contains(s, "1 watch") })
	host.wait("the run going on", func(s string) bool { return strings.Count(s, "TIMEOUT") >= 3 })
	first.wait("the same at the other watcher", contains("TIMEOUT"))

	host.tmux("kill-server") // SIGHUP: the run ends
	first.wait("the end of the run", contains("over: "))
	first.wait("what there was", contains("EC2 DescribeInst"))
	first.keys("q")
	first.wait("the exit code", contains("code=0"))
}

// watchByLink watches through what forwards a port, as ssh -L does, and cuts that.
func watchByLink(t *testing.T, bin string) {
	env := "env " + ownState(t) + " "
	host := openTerminal(t, "120", "48", env+bin+" demo --share") // with a table: it lasts longer than the story
	var link []string
	aLink := regexp.MustCompile(`http://(127\.0\.0\.1:[0-9]+)/#(\S+)`)
	host.wait("the link", func(s string) bool {
		link = aLink.FindStringSubmatch(s)
		return link != nil
	})
	host.keys("Enter")
	between := newForwarding(t, link[1])
	m := openTerminal(t, "80", "24", env+"DETOUR_LINK=http://"+between.addr()+"/#"+link[2]+" "+bin+" attach")
	m.wait("the run", contains("WATCHING DEMO", "EC2 DescribeInst"))
	between.cut()
	m.wait("the word", contains("no contact since"))
	between.mend()
	m.wait("the run again", func(s string) bool { return !strings.Contains(s, "no contact") && strings.Contains(s, "TIMEOUT") })
	m.keys("q")
	m.quits()
}

// A forwarding forwards connections to an address, until it is cut.
type forwarding struct {
	to string
	l  net.Listener

	mu    sync.Mutex
	conns []net.Conn
	isCut bool
	ends  sync.WaitGroup
}

func newForwarding(t *testing.T, to string) *forwarding {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &forwarding{to: to, l: l}
	f.ends.Go(f.serve)
	t.Cleanup(func() {
		_ = l.Close()
		f.cut()
		f.ends.Wait()
	})
	return f
}

func (f *forwarding) addr() string { return f.l.Addr().String() }

func (f *forwarding) serve() {
	for {
		in, err := f.l.Accept()
		if err != nil {
			return
		}
		out, err := net.DialTimeout("tcp", f.to, time.Second)
		f.mu.Lock()
		if f.isCut || err != nil {
			_ = in.Close()
			if out != nil {
				_ = out.Close()
			}
		} else {
			f.conns = append(f.conns, in, out)
			f.ends.Go(func() { _, _ = io.Copy(in, out); _ = in.Close() })
			f.ends.Go(func() { _, _ = io.Copy(out, in); _ = out.Close() })
		}
		f.mu.Unlock()
	}
}

func (f *forwarding) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.isCut = true
	for _, c := range f.conns {
		_ = c.Close()
	}
	f.conns = nil
}

func (f *forwarding) mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.isCut = false
}

// TestAttach_errorsAndTheirExitCodes: before a table is shown.
func TestAttach_errorsAndTheirExitCodes(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		text string
	}{
		{[]string{"attach", "a", "b"}, exitUsage, "at most one run or link"},
		{[]string{"attach"}, exitFailed, "stdout isn't a terminal"},
	} {
		var out, said bytes.Buffer
		code := run(c.args, &out, &said)
		if code != c.code || !strings.Contains(said.String(), c.text) || !strings.Contains(said.String(), "hint: ") {
			t.Errorf("%v: code %d: %s", c.args, code, &said)
		}
	}
}

//go:build !windows

package proxy

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// failingListener accepts nobody.
type failingListener struct {
	net.Listener
	err error
}

func (l failingListener) Accept() (net.Conn, error) { return nil, l.err }

func TestAccept_saysOnceThatDescriptorsHaveRunOut(t *testing.T) {
	var said []string
	p := New(Config{Notice: func(text string) { said = append(said, text) }})
	out := clientListener{failingListener{err: &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}}, p}
	for range 3 {
		_, _ = out.Accept()
	}
	if len(said) != 1 || !strings.Contains(said[0], "ulimit -n") {
		t.Errorf("notices %q", said)
	}
	other := clientListener{failingListener{err: errors.New("aborted")}, New(Config{Notice: func(text string) { t.Error(text) }})}
	_, _ = other.Accept()
}

func TestAcceptNotice_isRepeatedAfterAMinute(t *testing.T) {
	var n noticeLimit
	now := time.Now()
	for i, want := range []bool{true, false, true} {
		if got := n.due(now.Add(time.Duration(i) * noticeQuiet * 2 / 3)); got != want {
			t.Errorf("notice %d: %v", i, got)
		}
	}
}

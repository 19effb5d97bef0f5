package main

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"detour/certs"
	"detour/internal/manualsetup"
	"detour/internal/usererr"
)

func TestListener_aPortThatWasAskedForIsNeverAnother(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	o := &runOptions{listen: taken.Addr().String()}
	l, moved, err := o.listener(false)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !strings.Contains(moved, o.listen) || !strings.Contains(moved, l.Addr().String()) {
		t.Errorf("it moved to %s and said %q", l.Addr(), moved)
	}
	if l, _, err := o.listener(true); err == nil {
		l.Close()
		t.Errorf("asked for %s it is at %s", o.listen, l.Addr())
	} else if !strings.Contains(usererr.As(err).Hint, "another program uses that port") {
		t.Errorf("%v: %s", err, usererr.As(err).Hint)
	}
	hint := (&runOptions{profile: "work"}).withoutBrowser(errors.New("as asked"), "it moved", manualsetup.Setup{})
	if !strings.Contains(hint[0], "--profile work is not used") || hint[1] != "it moved" {
		t.Errorf("%q", hint)
	}
}

// chain is a signing chain in memory.
func chain(t *testing.T) *certs.CA {
	t.Helper()
	ca, err := certs.Ephemeral([]string{"amazonaws.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

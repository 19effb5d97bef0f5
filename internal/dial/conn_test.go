package dial

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestConn_canBeHalfClosedAndCopied(t *testing.T) {
	authority := server(t, func(c net.Conn) {
		b, _ := io.ReadAll(c) // until our FIN
		_, _ = c.Write(b)
	})
	d := New(Config{Resolver: addrs{"127.0.0.1"}})
	c, err := d.Dial(t.Context(), Request{Authority: authority})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := io.Copy(c, strings.NewReader("round trip")); n != 10 || err != nil {
		t.Fatal(n, err)
	}
	if err := c.(*Conn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	var back strings.Builder
	if _, err := io.Copy(&back, c); err != nil || back.String() != "round trip" {
		t.Errorf("got %q, %v", back.String(), err)
	}
	if c, err = d.Dial(t.Context(), Request{Authority: authority}); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.(*Conn).CloseRead(); err != nil {
		t.Error(err)
	}
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, afterCloseRead) {
		t.Errorf("read %d, %v after CloseRead", n, err)
	}
}

func TestConn_closesAConnectionThatCannotHalfClose(t *testing.T) {
	near, far := net.Pipe()
	c := &Conn{Conn: near}
	if err := c.CloseRead(); err != nil {
		t.Error(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Error(err)
	}
	if _, err := far.Read(make([]byte, 1)); err != io.EOF { //nolint:errorlint // net.Pipe's own
		t.Errorf("the other side sees %v", err)
	}
	far.Close()
}

// wrapped is a connection over another, as in some libraries.
type wrapped struct{ net.Conn }

func (w wrapped) NetConn() net.Conn { return w.Conn }

func TestInfoOf_unwrapsConnections(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	info := &flow.Conn{ID: 7, Start: time.Now()}
	c := &Conn{Conn: near, info: info}
	for _, over := range []net.Conn{c, tls.Client(c, &tls.Config{}), wrapped{tls.Client(c, &tls.Config{})}} {
		if got := InfoOf(over); got != info {
			t.Errorf("%T: got %v", over, got)
		}
	}
	for _, other := range []net.Conn{nil, near, tls.Client(near, &tls.Config{})} {
		if got := InfoOf(other); got != nil {
			t.Errorf("%T: got %v", other, got)
		}
	}
}

func TestConn_onCloseCallsTheLatestFunction(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := &Conn{Conn: near}
	var called []string
	record := func(name string) func() { return func() { called = append(called, name) } }
	stop1 := c.OnClose(record("first"))
	stop2 := c.OnClose(record("second"))
	stop1() // doesn't unregister the second
	_ = c.Close()
	c.OnClose(record("late"))
	stop2()
	if got := strings.Join(called, " "); got != "second late" {
		t.Errorf("called: %s", got)
	}
}

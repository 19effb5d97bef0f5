package connlistener

import (
	"errors"
	"net"
	"testing"

	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

func TestListener_acceptsGivenConnectionsUntilClosed(t *testing.T) {
	l := New()
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	taken := make(chan bool, 1)
	go func() { taken <- l.Give(near) }()
	if c, err := l.Accept(); err != nil || c != near || !<-taken {
		t.Errorf("got %v %v", c, err)
	}
	go func() { _ = l.Close() }()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if _ = l.Close(); l.Give(far) {
		t.Error("a closed listener accepts a connection")
	}
}

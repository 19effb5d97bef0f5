package lab

import (
	"context"
	"io"
	"net"
	"sync"

	"detour/internal/lab/netns"
)

// Dial connects from the client's namespace to a literal address.
func (l *Lab) Dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	err = netns.In(l.Client, func() error {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// Forward makes an address in the client's namespace reachable at a loopback address of
// this process, until stop is called.
func (l *Lab) Forward(ctx context.Context, address string) (local string, stop func(), err error) {
	ln, err := listen("127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer near.Close()
				far, err := l.Dial(ctx, "tcp", address)
				if err != nil {
					return
				}
				defer far.Close()
				defer context.AfterFunc(ctx, func() { _ = near.Close(); _ = far.Close() })()
				all.Go(func() { _, _ = io.Copy(far, near); _ = far.Close() })
				_, _ = io.Copy(near, far)
			})
		}
	})
	return ln.Addr().String(), func() { cancel(); _ = ln.Close(); all.Wait() }, nil
}

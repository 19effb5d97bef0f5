package h2server

import (
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// A broken is a Transport in which one method panics.
type broken struct {
	pipeConn
	write bool // Write does; otherwise SetWriteDeadline
}

func (b broken) Write(p []byte) (int, error) {
	if b.write {
		panic("test")
	}
	return b.pipeConn.Write(p)
}

func (b broken) SetWriteDeadline(t time.Time) error {
	if !b.write {
		panic("test")
	}
	return b.pipeConn.SetWriteDeadline(t)
}

// A panic of the goroutine that writes, or of a timer, ends the connection.
func TestGuard_endsTheConnection(t *testing.T) {
	for name, writes := range map[string]bool{"writing": true, "a timer": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				panics := 0
				guard := func(do func()) (returned bool) {
					defer func() {
						if recover() != nil {
							panics++
						}
					}()
					do()
					return true
				}
				c := New(context.Background(), broken{pipeConn{server}, writes}, Config{
					Handler: http.NotFoundHandler(), MaxHeaderBytes: 1 << 16, IdleTimeout: time.Minute, Guard: guard,
				})
				served := make(chan struct{})
				go func() { defer close(served); c.Serve() }()
				p := newPeer(t, client)
				go p.drain()
				select {
				case <-served:
				case <-time.After(10 * time.Minute):
					t.Fatal("it goes on")
				}
				_ = client.Close()
				if panics != 1 {
					t.Errorf("%d panics", panics)
				}
			})
		})
	}
}

// drain reads until the end of the connection.
func (p *peer) drain() {
	for {
		if _, err := p.fr.ReadFrame(); err != nil {
			return
		}
	}
}

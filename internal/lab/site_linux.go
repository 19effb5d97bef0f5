package lab

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"detour/internal/demo"
)

// A site serves the simulated AWS on any number of listeners, over TLS with HTTP/2 and
// HTTP/1.1.
type site struct {
	server *http.Server
	wrong  func() bool // whether it acts as another service's endpoint; nil: never
	done   sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func newSite(ca *demo.Authority) (*site, error) {
	handler, err := demo.AWS()
	if err != nil {
		return nil, err
	}
	own, err := ca.Issue(demo.Hosts()...)
	if err != nil {
		return nil, err
	}
	other, err := ca.Issue("sqs." + demo.Region + ".amazonaws.com")
	if err != nil {
		return nil, err
	}
	s := &site{conns: make(map[net.Conn]struct{})}
	s.server = &http.Server{
		Handler: handler,
		TLSConfig: &tls.Config{
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				if s.wrong != nil && s.wrong() {
					return &other, nil
				}
				return &own, nil
			},
			NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12,
		},
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
		ConnState:         s.track,
	}
	return s, nil
}

func (s *site) serve(l net.Listener) {
	s.done.Go(func() { _ = s.server.ServeTLS(l, "", "") })
}

func (s *site) track(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.conns[c] = struct{}{}
	case http.StateClosed, http.StateHijacked:
		delete(s.conns, c)
	case http.StateActive, http.StateIdle:
	}
}

// drop closes all connections, so the next client has to dial.
func (s *site) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
}

func (s *site) close() {
	_ = s.server.Close()
	s.done.Wait()
}

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
	done   sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// newSite makes a site that acts as the case says which state returns.
func newSite(ca *demo.Authority, state func() Case) (*site, error) {
	aws, err := demo.AWS()
	if err != nil {
		return nil, err
	}
	hellos, err := newGreeter(ca, state)
	if err != nil {
		return nil, err
	}
	s := &site{conns: make(map[net.Conn]struct{})}
	s.server = &http.Server{
		Handler: &answerer{aws: aws, state: state},
		TLSConfig: &tls.Config{
			GetConfigForClient: hellos.configFor, GetCertificate: hellos.certificateFor,
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

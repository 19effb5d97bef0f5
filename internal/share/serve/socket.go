package serve

import (
	"net"
	"os"
)

// ServeSocket also lets programs of this user watch, through a Unix socket in a directory that
// is the user's alone. Close removes it. Windows has such sockets since version 10 1803; there,
// the directory's access list is what keeps others out.
func (s *Server) ServeSocket(path string) error {
	l, err := net.Listen("unix", path) //nolint:noctx // it takes no time
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.socket != nil {
		_ = l.Close()
		return errClosed
	}
	s.socket = newDoor(s, nil)
	s.socket.serve(limit(l, maxConns))
	return nil
}

package session

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"detour/internal/dial"
)

// SetShared says where the session is shared with others: an address that no page may reach
// through the proxy, since the connection would then be one from this machine. addr is called
// for each connection; it returns the zero value while the session isn't shared.
func (s *Session) SetShared(addr func() netip.AddrPort) { s.shared.Store(&addr) }

// errShared is why a connection to the shared run is refused.
var errShared = errors.New("it is the port on which this run is shared, and can't be reached through detour")

// isShared reports whether a host and port, as requested, are those of the shared run: by
// address, as localhost, or by the name of this machine.
func (s *Session) isShared(host, port string) bool {
	addr := s.sharedOn()
	if !addr.IsValid() {
		return false
	}
	if name, err := os.Hostname(); err == nil && strings.EqualFold(strings.TrimSuffix(host, "."), name) {
		host = addr.Addr().String()
	}
	return dial.ReachesListener(net.TCPAddrFromAddrPort(addr), host, port)
}

// refuseShared returns why an address can't be connected to, if it is that of the shared run.
func (s *Session) refuseShared(a netip.AddrPort) error {
	addr := s.sharedOn()
	if addr.IsValid() && dial.ReachesListener(net.TCPAddrFromAddrPort(addr), a.Addr().Unmap().String(), strconv.Itoa(int(a.Port()))) {
		return errShared
	}
	return nil
}

func (s *Session) sharedOn() netip.AddrPort {
	if addr := s.shared.Load(); addr != nil {
		return (*addr)()
	}
	return netip.AddrPort{}
}

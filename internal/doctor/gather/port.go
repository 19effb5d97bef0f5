package gather

import (
	"errors"
	"net"

	"detour/internal/dial"
	"detour/internal/doctor"
)

// port tries to listen where the proxy would.
func (cfg Config) port() doctor.Port {
	p := doctor.Port{Address: cfg.Listen, Default: cfg.DefaultListen, Wrong: cfg.Refused}
	if p.Wrong != nil {
		return p
	}
	l, err := net.Listen("tcp", cfg.Listen) //nolint:noctx // it takes no time
	if err == nil {
		l.Close()
		return p
	}
	p.Err = err.Error()
	if oe := (*net.OpError)(nil); errors.As(err, &oe) {
		p.Err = oe.Err.Error() // the address is in p
	}
	for _, at := range cfg.Running() {
		if samePort(cfg.Listen, at) {
			p.Own = at
		}
	}
	return p
}

// samePort reports whether two addresses on loopback are one.
func samePort(a, b string) bool {
	host, port, err := net.SplitHostPort(a)
	at, berr := net.ResolveTCPAddr("tcp", b)
	return err == nil && berr == nil && dial.ReachesListener(at, host, port)
}

package resolve

import (
	"bufio"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"strings"
)

// ParseServer parses a nameserver's address; port is the default.
func ParseServer(s string, port uint16) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.AddrPortFrom(a, port), nil
	}
	ap, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.AddrPort{}, errors.New("not an IP address with an optional port")
	}
	return ap, nil
}

// serversIn returns the nameservers in a resolv.conf, and those behind its stub. The error
// says why it can't be read.
func serversIn(conf, own string) (asked, behind []netip.AddrPort, err error) {
	asked, err = nameservers(conf)
	for _, s := range asked {
		if s.Addr() == netip.AddrFrom4([4]byte{127, 0, 0, 53}) {
			behind, _ = nameservers(own) // of resolved's own, for information only
			return asked, behind, err
		}
	}
	return asked, nil, err
}

// nameservers returns those in a file; none if there is no file.
func nameservers(path string) (out []netip.AddrPort, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || fields[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(fields[1]); err == nil {
			out = append(out, netip.AddrPortFrom(a, 53))
		}
	}
	return out, lines.Err()
}

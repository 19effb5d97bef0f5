package dial

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// interfaceAge is how long an address is believed to stay on its interface. A
// VPN that comes up brings addresses that aren't known yet, so it shows at once.
const interfaceAge = 30 * time.Second

// interfaces tells which network interface has an address. The zero value is ready.
type interfaces struct {
	mu    sync.Mutex
	names map[netip.Addr]string
	read  time.Time
}

// name is the interface of a local address; "" if it has none by now.
func (i *interfaces) name(a netip.Addr) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	name, ok := i.names[a]
	if ok && now.Sub(i.read) < interfaceAge {
		return name
	}
	i.names, i.read = readInterfaces(), now
	if _, ok := i.names[a]; !ok {
		i.names[a] = "" // don't read the list again for each attempt
	}
	return i.names[a]
}

func readInterfaces() map[netip.Addr]string {
	names := make(map[netip.Addr]string)
	list, err := net.Interfaces()
	if err != nil {
		return names
	}
	for _, n := range list {
		addrs, err := n.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if p, ok := a.(*net.IPNet); ok {
				if ip, ok := netip.AddrFromSlice(p.IP); ok {
					names[ip.Unmap()] = n.Name
				}
			}
		}
	}
	return names
}

package dial

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
)

// interfaceAge is how long an address is believed to stay on its interface. A
// VPN that comes up brings addresses that aren't known yet, so it shows at once.
const interfaceAge = 30 * time.Second

// interfaces tells which network interface has an address. The zero value is
// ready. Reading the list takes from a tenth of a millisecond to tens of them
// where there are hundreds, so no dial waits for what is known.
type interfaces struct {
	mu      sync.Mutex
	names   map[netip.Addr]named
	read    time.Time
	reading bool
}

// named is an interface by name and kind; empty if there is none.
type named struct {
	name string
	kind flow.InterfaceKind
}

// freshen reads the list anew in the background if it is old.
func (i *interfaces) freshen() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.reading || time.Since(i.read) < interfaceAge {
		return
	}
	i.reading = true
	go func() {
		names := readInterfaces()
		i.mu.Lock()
		defer i.mu.Unlock()
		i.names, i.read, i.reading = names, time.Now(), false
	}()
}

// of is the interface of a local address; "" if it has none by now.
func (i *interfaces) of(a netip.Addr) (name string, kind flow.InterfaceKind) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if _, known := i.names[a]; !known {
		i.names, i.read = readInterfaces(), time.Now()
		if _, known = i.names[a]; !known {
			i.names[a] = named{} // don't read the list again for each attempt
		}
	}
	return i.names[a].name, i.names[a].kind
}

func readInterfaces() map[netip.Addr]named {
	names := make(map[netip.Addr]named)
	list, err := net.Interfaces()
	if err != nil {
		return names
	}
	for _, n := range list {
		addrs, err := n.Addrs()
		if err != nil {
			continue
		}
		kind := interfaceKind(n.Name)
		for _, a := range addrs {
			if p, ok := a.(*net.IPNet); ok {
				if ip, ok := netip.AddrFromSlice(p.IP); ok {
					names[ip.Unmap()] = named{n.Name, kind}
				}
			}
		}
	}
	return names
}

// Interfaces lists those of this machine that are up, with their addresses.
func Interfaces() (out []flow.Interface) {
	list, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, n := range list {
		addrs, err := n.Addrs()
		if err != nil || n.Flags&net.FlagUp == 0 || len(addrs) == 0 {
			continue
		}
		i := flow.Interface{Name: n.Name, Kind: interfaceKind(n.Name), MTU: n.MTU}
		for _, a := range addrs {
			i.Addresses = append(i.Addresses, a.String())
		}
		out = append(out, i)
	}
	return out
}

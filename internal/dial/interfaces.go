package dial

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
	"detour/internal/netif"
)

// interfaceAge is how long the list of interfaces is used. An address that isn't in
// it is looked up at once, so a VPN that has just come up is found.
const interfaceAge = 30 * time.Second

// interfaces caches which network interface has which address. The zero value is
// ready to use. Reading the list takes from 0.1 ms to tens of milliseconds, if there
// are hundreds of interfaces, so no dial waits for it if the address is known.
type interfaces struct {
	mu      sync.Mutex
	names   map[netip.Addr]interfaceInfo
	read    time.Time
	reading bool
}

// interfaceInfo is an interface's name and kind; zero if there is none.
type interfaceInfo struct {
	name string
	kind flow.InterfaceKind
}

// refresh rereads the list in the background if it is old.
func (i *interfaces) refresh() {
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

// lookup returns the interface of a local address, or "" if none has it any more.
func (i *interfaces) lookup(a netip.Addr) (name string, kind flow.InterfaceKind) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if _, known := i.names[a]; !known {
		i.names, i.read = readInterfaces(), time.Now()
		if _, known = i.names[a]; !known {
			i.names[a] = interfaceInfo{} // so that the next attempt doesn't reread the list
		}
	}
	return i.names[a].name, i.names[a].kind
}

func readInterfaces() map[netip.Addr]interfaceInfo {
	names := make(map[netip.Addr]interfaceInfo)
	list, err := net.Interfaces()
	if err != nil {
		return names
	}
	for _, n := range list {
		addrs, err := n.Addrs()
		if err != nil {
			continue
		}
		kind := netif.KindOf(n)
		for _, a := range addrs {
			if p, ok := a.(*net.IPNet); ok {
				if ip, ok := netip.AddrFromSlice(p.IP); ok {
					names[ip.Unmap()] = interfaceInfo{n.Name, kind}
				}
			}
		}
	}
	return names
}

// Interfaces returns this machine's network interfaces that are up and have an
// address; nil if they can't be read. Addresses are in CIDR notation.
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
		i := flow.Interface{Name: n.Name, Kind: netif.KindOf(n), MTU: n.MTU}
		for _, a := range addrs {
			i.Addresses = append(i.Addresses, a.String())
		}
		out = append(out, i)
	}
	return out
}

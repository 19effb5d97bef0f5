package gather

import (
	"context"
	"net"
	"net/netip"

	"detour/internal/doctor"
	"detour/internal/flow"
	"detour/internal/machine"
	"detour/internal/netif"
)

// routes finds the interface for private addresses: by the routing table, and by samples,
// which policy routing applies to, too. No packet is sent: to connect a UDP socket only
// chooses the route.
func routes(ctx context.Context) (n doctor.Network) {
	list, _ := net.Interfaces()
	of := make(map[string]string) // address to interface
	for _, i := range list {
		addrs, err := i.Addrs()
		if err != nil || i.Flags&net.FlagUp == 0 {
			continue
		}
		t := doctor.Interface{Name: i.Name}
		for _, a := range addrs {
			p, ok := a.(*net.IPNet)
			if !ok {
				continue
			}
			of[p.IP.String()] = i.Name
			if !p.IP.IsLinkLocalUnicast() && !p.IP.IsLoopback() {
				t.Addrs = append(t.Addrs, p.String())
			}
		}
		if len(t.Addrs) > 0 && netif.KindOf(i) == flow.KindTunnel {
			n.Tunnels = append(n.Tunnels, t)
		}
	}
	for _, r := range doctor.PrivateRanges() {
		sample := doctor.Route{Range: r}
		if c, err := net.Dial("udp", netip.AddrPortFrom(doctor.Sample(r), 9).String()); err == nil { //nolint:noctx // no packet is sent
			if a, ok := c.LocalAddr().(*net.UDPAddr); ok && !a.IP.IsLoopback() {
				sample.Interface = of[a.IP.String()]
			}
			c.Close()
		}
		n.Samples = append(n.Samples, sample)
	}
	for _, r := range machine.RoutingTable(ctx) {
		n.Table = append(n.Table, doctor.Route(r))
	}
	return n
}

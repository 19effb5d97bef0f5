package machine

import (
	"context"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

// A Connectivity is what changes when this machine gets to the network in another way: a
// VPN comes up or goes down, the Wi-Fi or the nameservers change.
type Connectivity struct {
	Addresses map[string]bool // "eth0 192.0.2.7/24"; neither loopback nor link-local
	Resolvers string          // resolv.conf; "" where there is none
}

// resolvConf is where Unix systems have their nameservers. On macOS it is a copy for
// programs that don't use its resolver; Windows has none, where interfaces show a change.
const resolvConf = "/etc/resolv.conf"

// ReadConnectivity returns what holds at this moment. What can't be read is left out.
func ReadConnectivity() Connectivity {
	s := Connectivity{Addresses: make(map[string]bool)}
	list, _ := net.Interfaces()
	for _, n := range list {
		if n.Flags&net.FlagUp == 0 || n.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, _ := n.Addrs()
		for _, a := range addrs {
			if p, ok := a.(*net.IPNet); ok && !p.IP.IsLinkLocalUnicast() {
				s.Addresses[n.Name+" "+p.String()] = true
			}
		}
	}
	b, _ := os.ReadFile(resolvConf)
	s.Resolvers = string(b)
	return s
}

// Watch calls read every so often until ctx is done, and changed, on the same goroutine,
// with what is different from the time before. Connections that were made before a change
// may be dead without a packet that says so.
func Watch(ctx context.Context, every time.Duration, read func() Connectivity, changed func(what string)) {
	t := time.NewTicker(every)
	defer t.Stop()
	before := read()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		now := read()
		if what := difference(before, now); what != "" {
			changed(what)
		}
		before = now
	}
}

// difference describes a change; "" if there is none.
func difference(a, b Connectivity) string {
	var what []string
	for _, s := range slices.Sorted(maps.Keys(a.Addresses)) {
		if !b.Addresses[s] {
			what = append(what, s+" was removed")
		}
	}
	for _, s := range slices.Sorted(maps.Keys(b.Addresses)) {
		if !a.Addresses[s] {
			what = append(what, s+" was added")
		}
	}
	if a.Resolvers != b.Resolvers {
		what = append(what, "the nameservers changed")
	}
	return strings.Join(what, ", ")
}

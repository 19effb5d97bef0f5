// Package netwatch notices that this machine's way to the network has changed: a
// VPN that came up or went down, another Wi-Fi, other nameservers. Connections
// that were made before it may be dead without anybody having said so.
package netwatch

import (
	"context"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

// A State is what can change.
type State struct {
	Addresses map[string]bool // "eth0 192.0.2.7/24"; neither loopback nor link-local
	Resolvers string          // resolv.conf; "" where there is none
}

// resolvConf is where Unix keeps its nameservers. macOS keeps a copy for programs
// that know no better; Windows has none, and shows a change by its interfaces.
const resolvConf = "/etc/resolv.conf"

// Read returns the state of this moment. What can't be read is left out.
func Read() State {
	s := State{Addresses: make(map[string]bool)}
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

// Watch reads the state every so often until ctx is done, and calls changed, on
// its own goroutine, with what is different from the time before.
func Watch(ctx context.Context, every time.Duration, read func() State, changed func(what string)) {
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

// difference puts a change into words; "" if there is none.
func difference(a, b State) string {
	var what []string
	for _, s := range slices.Sorted(maps.Keys(a.Addresses)) {
		if !b.Addresses[s] {
			what = append(what, s+" is gone")
		}
	}
	for _, s := range slices.Sorted(maps.Keys(b.Addresses)) {
		if !a.Addresses[s] {
			what = append(what, s+" is new")
		}
	}
	if a.Resolvers != b.Resolvers {
		what = append(what, "other nameservers")
	}
	return strings.Join(what, ", ")
}

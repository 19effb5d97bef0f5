package machine

import (
	"context"
	"errors"
	"io/fs"
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
	Addresses map[string]bool // "eth0 192.0.2.7/24"; neither loopback nor link-local; nil: they couldn't be read
	Resolvers string          // resolv.conf; "" where there is none
	Unread    bool            // resolv.conf exists, but couldn't be read
}

// resolvConf is where Unix systems have their nameservers. On macOS it is a copy for
// programs that don't use its resolver; Windows has none, where interfaces show a change.
const resolvConf = "/etc/resolv.conf"

// ReadConnectivity returns what holds at this moment. It says of what it couldn't read, for
// example because no file descriptor was left, that it isn't known.
func ReadConnectivity() Connectivity {
	b, err := os.ReadFile(resolvConf)
	return Connectivity{Addresses: addresses(), Resolvers: string(b), Unread: err != nil && !errors.Is(err, fs.ErrNotExist)}
}

// addresses returns nil if one of the interfaces can't be read.
func addresses() map[string]bool {
	list, err := net.Interfaces()
	if err != nil {
		return nil
	}
	out := make(map[string]bool)
	for _, n := range list {
		if n.Flags&net.FlagUp == 0 || n.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, err := n.Addrs()
		if err != nil {
			return nil
		}
		for _, a := range addrs {
			if p, ok := a.(*net.IPNet); ok && !p.IP.IsLinkLocalUnicast() {
				out[n.Name+" "+p.String()] = true
			}
		}
	}
	return out
}

// since returns s, with what couldn't be read as it was before.
func (s Connectivity) since(before Connectivity) Connectivity {
	if s.Addresses == nil {
		s.Addresses = before.Addresses
	}
	if s.Unread {
		s.Resolvers, s.Unread = before.Resolvers, before.Unread
	}
	return s
}

// Watch calls read every so often until ctx is done, and changed, on the same goroutine,
// with what is different from the time before. What can't be read hasn't changed.
// Connections that were made before a change
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
		now := read().since(before)
		if what := difference(before, now); what != "" {
			changed(what)
		}
		before = now
	}
}

// difference describes a change; "" if there is none, or the state before isn't known.
func difference(a, b Connectivity) string {
	var what []string
	if a.Addresses == nil {
		a.Addresses = b.Addresses
	}
	if a.Unread {
		a.Resolvers = b.Resolvers
	}
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

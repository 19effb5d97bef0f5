package hosting

import (
	"net"
	"net/netip"
	"strings"
	"time"

	"detour/internal/share/serve"
	"detour/internal/usererr"
)

// Options are the flags of sharing.
type Options struct {
	Share  bool          // --share: from the start
	During time.Duration // --share-for; 0: until detour ends
	Listen string        // --share-listen
}

// DefaultListen is an address on loopback, with any free port.
const DefaultListen = "127.0.0.1:0"

// Check checks the flags.
func (o Options) Check() error {
	if o.During < 0 {
		return usererr.Flagf("share-for", "for example 30m", "--share-for %s is in the past", o.During)
	}
	_, err := o.serve()
	return err
}

// serve is what the flags say.
func (o Options) serve() (serve.Options, error) {
	const example = "for example 127.0.0.1:8100; port 0 picks any free port"
	host, port, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return serve.Options{}, usererr.Flagf("share-listen", example, "--share-listen %q is not ADDRESS:PORT", o.Listen)
	}
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1"
	}
	addr, err := netip.ParseAddrPort(net.JoinHostPort(host, port))
	switch {
	case err != nil:
		return serve.Options{}, usererr.Flagf("share-listen", example, "--share-listen %q is not an IP address with a port", o.Listen)
	case addr.Addr().IsUnspecified():
		return serve.Options{}, usererr.Flagf("share-listen", "the link needs one that others reach: "+ownAddresses(),
			"--share-listen %s is every address of this machine", o.Listen)
	}
	return serve.Options{Addr: addr, For: o.During}, nil
}

// ownAddresses lists the addresses of this machine that others may reach.
func ownAddresses() string {
	all, _ := net.InterfaceAddrs() // none are known
	var out []string
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().IsGlobalUnicast() {
			out = append(out, p.Addr().String())
		}
	}
	return strings.Join(out, ", ")
}

package lab

import (
	"context"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"

	"github.com/miekg/dns"

	"detour/internal/demo"
	"detour/internal/lab/netns"
)

// A Lab is the network, in three network namespaces: client, vpc and aws. The servers run
// in this process, on sockets that were opened in the namespaces.
type Lab struct {
	Client string // the namespace for detour and the browser

	vpc, aws string
	ca       *demo.Authority
	private  *site // at the interface endpoints' addresses
	public   *site
	dns      []*dns.Server
	state    atomic.Value // Case, for the servers

	thrown []string // what SetCase has changed: networks without a route,
	ipv6   bool     // and IPv6
}

// Available returns why the lab can't be built here; nil if it can.
func Available() error { return netns.Available() }

// Up builds the lab in a case. Close removes it. If Up fails, it has removed what it built;
// what a killed process left is removed by the next Up.
func Up(c Case) (*Lab, error) {
	prefix := netns.Prefix()
	l := &Lab{Client: prefix + "client", vpc: prefix + "vpc", aws: prefix + "aws"}
	if err := l.up(c); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (l *Lab) up(c Case) (err error) {
	l.state.Store(c)
	if err := l.wire(); err != nil {
		return err
	}
	if l.ca, err = demo.NewAuthority(); err != nil {
		return err
	}
	state := func() Case { return l.state.Load().(Case) }
	if l.private, err = newSite(l.ca, state); err != nil {
		return err
	}
	if l.public, err = newSite(l.ca, state); err != nil {
		return err
	}
	if err := l.serveAll(); err != nil {
		return err
	}
	return l.SetCase(c)
}

// wire creates namespaces, links, addresses and routes.
func (l *Lab) wire() error {
	conf := filepath.Join("/etc/netns", l.Client)
	if err := os.MkdirAll(conf, 0o755); err != nil { //nolint:gosec // ip-netns(8) wants it readable
		return err
	}
	resolv := []byte("nameserver " + demo.Resolver + "\n")
	if err := os.WriteFile(filepath.Join(conf, "resolv.conf"), resolv, 0o644); err != nil { //nolint:gosec // as the system's own
		return err
	}
	for _, ns := range []string{l.Client, l.vpc, l.aws} {
		if err := netns.IP("netns", "add", ns); err != nil {
			return err
		}
		if err := netns.In(ns, func() error { return switchIPv6(false) }); err != nil {
			return err
		}
		if err := netns.IP("-n", ns, "link", "set", "lo", "up"); err != nil {
			return err
		}
	}
	links := []struct{ far, near, nearAddr, farAddr string }{
		{l.vpc, "dx0", demo.ClientIP + "/24", "172.16.8.1/24"}, // Direct Connect
		{l.aws, "wan0", "172.16.9.5/24", "172.16.9.6/24"},
	}
	for _, k := range links {
		for _, args := range [][]string{
			{"-n", l.Client, "link", "add", k.near, "type", "veth", "peer", "name", k.near, "netns", k.far},
			{"-n", l.Client, "addr", "add", k.nearAddr, "dev", k.near},
			{"-n", k.far, "addr", "add", k.farAddr, "dev", k.near},
			{"-n", l.Client, "link", "set", k.near, "up"},
			{"-n", k.far, "link", "set", k.near, "up"},
		} {
			if err := netns.IP(args...); err != nil {
				return err
			}
		}
	}
	for _, args := range [][]string{
		{"-n", l.Client, "route", "add", VPCCIDR, "via", "172.16.8.1", "src", demo.ClientIP},
		{"-n", l.Client, "route", "add", "default", "via", "172.16.9.6", "src", demo.ClientIP},
		{"-n", l.aws, "route", "add", demo.ClientIP + "/32", "via", "172.16.9.5"},
	} {
		if err := netns.IP(args...); err != nil {
			return err
		}
	}
	return nil
}

// switchIPv6 switches IPv6 on or off in the namespace of its thread.
func switchIPv6(on bool) error {
	off := []byte("1")
	if on {
		off = []byte("0")
	}
	for _, which := range []string{"all", "default"} {
		path := "/proc/sys/net/ipv6/conf/" + which + "/disable_ipv6"
		if err := os.WriteFile(path, off, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// serveAll adds the addresses to their namespaces and listens on them.
func (l *Lab) serveAll() error {
	for server, ns := range map[string]string{demo.Resolver: l.vpc, Second: l.vpc, demo.Outside: l.aws} {
		if err := l.serveDNS(server, ns); err != nil {
			return err
		}
	}
	for _, of := range []map[string][]string{demo.PrivateIPs(), thirdIPs()} {
		for _, ips := range of {
			for _, a := range ips {
				if err := l.listen(l.private, l.vpc, a); err != nil {
					return err
				}
			}
		}
	}
	for _, a := range []string{demo.ConsoleIP, demo.EC2IP, demo.OtherIP, Fake} {
		if err := l.listen(l.public, l.aws, a); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lab) listen(s *site, ns, addr string) error {
	if err := netns.IP("-n", ns, "addr", "add", addr+"/32", "dev", "lo"); err != nil {
		return err
	}
	return netns.In(ns, func() error {
		ln, err := listen(net.JoinHostPort(addr, "443"))
		if err == nil {
			s.serve(ln)
		}
		return err
	})
}

// listen opens a port.
func listen(addr string) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
}

func (l *Lab) serveDNS(server, ns string) error {
	if err := netns.IP("-n", ns, "addr", "add", server+"/32", "dev", "lo"); err != nil {
		return err
	}
	return netns.In(ns, func() error {
		addr := net.JoinHostPort(server, "53")
		pc, err := (&net.ListenConfig{}).ListenPacket(context.Background(), "udp", addr)
		if err != nil {
			return err
		}
		ln, err := listen(addr)
		if err != nil {
			_ = pc.Close()
			return err
		}
		for _, s := range []*dns.Server{{PacketConn: pc}, {Listener: ln}} {
			started := make(chan struct{})
			s.Handler, s.NotifyStartedFunc = dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
				c := l.state.Load().(Case)
				switch server {
				case Second:
					c = ofSecond(c)
				case demo.Outside:
					c = CasePublic
				}
				answerDNS(w, q, c)
			}), func() { close(started) }
			go func() { _ = s.ActivateAndServe() }()
			<-started
			l.dns = append(l.dns, s)
		}
		return nil
	})
}

// CAPEM returns the certificate of the servers' CA.
func (l *Lab) CAPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.ca.Root().Raw})
}

// DropConnections closes the servers' open connections, so the next request has to
// connect.
func (l *Lab) DropConnections() {
	l.private.drop()
	l.public.drop()
}

// Command returns a command that runs in the client's namespace.
func (l *Lab) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", l.Client, name}, args...)...)
}

// Close removes the lab. It may be called more than once.
func (l *Lab) Close() {
	for _, s := range []*site{l.private, l.public} {
		if s != nil {
			s.close()
		}
	}
	for _, s := range l.dns {
		_ = s.Shutdown()
	}
	l.dns = nil
	for _, ns := range []string{l.Client, l.vpc, l.aws} {
		_ = netns.IP("netns", "del", ns) // fails if Up didn't get that far
	}
	_ = os.RemoveAll(filepath.Join("/etc/netns", l.Client))
}

package netns

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
)

// A Pair is two network namespaces with a link: a client, and a VPC that has what an account's
// configuration says. It has no servers and no rules of its own. It is for one goroutine.
type Pair struct{ client, vpc string }

// The ends of a pair's link. Routes of the VPC to the client go via ViaClient or ViaClient6.
const (
	ViaClient, viaVPC   = "192.0.2.1", "192.0.2.2"
	ViaClient6, viaVPC6 = "fd99::1", "fd99::2"
)

// NewPair makes a pair. The client has its addresses, and sends packets to every address of the
// VPC over the link; the VPC answers only once it has routes. Close removes it.
func NewPair(client, vpc []netip.Addr) (*Pair, error) {
	prefix := Prefix()
	p := &Pair{client: prefix + "c", vpc: prefix + "v"}
	if err := p.wire(client, vpc); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *Pair) wire(client, vpc []netip.Addr) error {
	for _, ns := range []string{p.client, p.vpc} {
		if err := IP("netns", "add", ns); err != nil {
			return err
		}
		if err := In(ns, func() error { return os.WriteFile("/proc/sys/net/ipv4/conf/default/rp_filter", []byte("0"), 0) }); err != nil {
			return err
		}
	}
	if err := IP("-n", p.client, "link", "add", "link0", "type", "veth", "peer", "name", "link0", "netns", p.vpc); err != nil {
		return err
	}
	c := []string{
		"link set lo up", "addr add " + ViaClient + "/30 dev link0", "addr add " + ViaClient6 + "/64 dev link0 nodad", "link set link0 up",
	}
	v := []string{"link set lo up", "addr add " + viaVPC + "/30 dev link0", "addr add " + viaVPC6 + "/64 dev link0 nodad", "link set link0 up"}
	for _, a := range client {
		c = append(c, fmt.Sprintf("addr add %s dev lo%s", netip.PrefixFrom(a, a.BitLen()), nodad(a)))
	}
	for _, a := range vpc {
		v = append(v, fmt.Sprintf("addr add %s dev lo%s", netip.PrefixFrom(a, a.BitLen()), nodad(a)))
		via := viaVPC
		if a.Is6() {
			via = viaVPC6
		}
		c = append(c, fmt.Sprintf("route add %s via %s", a, via))
	}
	if err := batch(p.client, c); err != nil {
		return err
	}
	if err := batch(p.vpc, v); err != nil {
		return err
	}
	return In(p.vpc, func() error { return os.WriteFile("/proc/sys/net/ipv4/conf/all/rp_filter", []byte("0"), 0) })
}

func nodad(a netip.Addr) string {
	if a.Is6() {
		return " nodad"
	}
	return ""
}

// batch runs commands of ip(8) in a namespace. One that begins with -4 or -6 is about that family.
func batch(ns string, commands []string) error {
	for _, family := range []string{"-0", "-4", "-6"} {
		args, lines := []string{"-n", ns}, []string(nil)
		for _, c := range commands {
			of, rest := "-0", c
			if strings.HasPrefix(c, "-") {
				of, rest, _ = strings.Cut(c, " ")
			}
			if of == family {
				lines = append(lines, rest)
			}
		}
		if family != "-0" {
			args = append(args, family)
		}
		if lines == nil {
			continue
		}
		cmd := exec.Command("ip", append(args, "-batch", "-")...) //nolint:noctx // it takes milliseconds
		cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("ip -batch: %w: %s", err, out)
		}
	}
	return nil
}

// Configure runs commands of ip(8) in the VPC, and then loads rules of nftables there.
func (p *Pair) Configure(commands []string, rules string) error {
	if err := batch(p.vpc, commands); err != nil {
		return err
	}
	cmd := exec.Command("ip", "netns", "exec", p.vpc, "nft", "-f", "-") //nolint:noctx // it takes milliseconds
	cmd.Stdin = strings.NewReader(rules)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, out)
	}
	return nil
}

// Listen opens a TCP port in the VPC.
func (p *Pair) Listen(at netip.AddrPort) (ln net.Listener, err error) {
	err = In(p.vpc, func() error {
		ln, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", at.String())
		return err
	})
	return ln, err
}

// Dial connects from an address and port of the client to one of the VPC.
func (p *Pair) Dial(ctx context.Context, from, to netip.AddrPort) (conn net.Conn, err error) {
	err = In(p.client, func() error {
		conn, err = (&net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(from)}).DialContext(ctx, "tcp", to.String())
		return err
	})
	return conn, err
}

// Close removes the pair.
func (p *Pair) Close() {
	for _, ns := range []string{p.client, p.vpc} {
		_ = IP("netns", "del", ns) // fails if NewPair didn't get that far
	}
}

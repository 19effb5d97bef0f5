package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"detour/internal/aws"
	"detour/internal/dial"
	"detour/internal/flow"
	"detour/internal/instances"
	"detour/internal/resolve"
	"detour/internal/session"
	"detour/internal/splitdns"
	"detour/internal/systemproxy"
	"detour/internal/upstream"
)

// netOptions are the flags that say how the network is reached. All commands that use the
// network share them.
type netOptions struct {
	resolvers     []string
	reference     string
	maps          []string
	timeout       string
	upstreamProxy string
	upstreamCA    string
	clientCert    string
}

// register adds the flags. timeout is the default of --connect-timeout.
func (o *netOptions) register(f *pflag.FlagSet, timeout string) {
	f.StringArrayVar(&o.resolvers, "resolver", nil, "`address` of a nameserver to query instead of the system's (repeatable)")
	f.StringVar(&o.reference, "reference-resolver", "none",
		"`resolver` outside the VPC to compare the DNS answers for AWS's names with: "+
			"ADDRESS, tcp://, tls:// or https://…; it is sent these names")
	f.StringArrayVar(&o.maps, "map", nil, "resolve a host to an address: `host=address`, like curl's --resolve (repeatable)")
	f.StringVar(&o.timeout, "connect-timeout", timeout, "`duration` after which a connection attempt fails, or native: the system's own limit")
	f.StringVar(&o.upstreamProxy, "upstream-proxy", "env",
		"upstream proxy: env (HTTPS_PROXY and similar variables, read as curl does), system (its settings), none, a `URL`, "+
			"pac+URL (a PAC file), or wpad (search for one)")
	f.StringVar(&o.upstreamCA, "upstream-ca", "", "PEM `file` of additional CAs to trust for servers")
	f.StringVar(&o.clientCert, "client-cert", "", "PEM `file` with a certificate and its key, for servers that request one")
}

// network is this machine's network.
func (o *netOptions) network() (n session.Network, err error) {
	if n.Timeout, err = o.connectTimeout(); err != nil {
		return n, err
	}
	if n.RootCAs, err = o.rootCAs(); err != nil {
		return n, err
	}
	if n.ClientCert, err = o.clientCertificate(); err != nil {
		return n, err
	}
	var cfg resolve.Config
	if cfg.Nameservers, err = o.nameservers(); err != nil {
		return n, err
	}
	if cfg.Map, err = o.hostMap(); err != nil {
		return n, err
	}
	r := resolve.New(cfg)
	n.Resolver, n.ExplainsSystem, n.Ranges = r, r.AsksSystem(), aws.LoadRanges
	if asked, _ := o.servers(); len(asked) > 0 {
		if n.Wire, err = resolve.NewReference(asked[0].String()); err != nil {
			return n, err
		}
		if len(o.resolvers) == 0 {
			n.Wire = n.Wire.Split(new(splitdns.Current).For)
		}
	}
	if o.reference != "none" && o.reference != "" {
		if n.Reference, err = resolve.NewReference(o.reference); err != nil {
			return n, flagUsage("reference-resolver",
				"for example "+referenceExamples+"; none compares nothing",
				"--reference-resolver %q: %w", o.reference, err)
		}
	}
	return n, nil
}

const referenceExamples = "1.1.1.1, tls://9.9.9.9#dns.quad9.net or https://dns.google/dns-query"

// upstream is the policy for upstream proxies of a detour whose proxy listens at self, and the
// system's proxy that it doesn't use, of which a notice of the policy says so.
func (o *netOptions) upstream(self net.Addr, running func() []string, r dial.Resolver) (*upstream.Policy, *flow.SystemProxy, error) {
	cfg := upstream.Config{
		Proxy: o.upstreamProxy, Self: self, Running: running, Env: os.Getenv,
		System: sync.OnceValue(readSystemProxy),
		Lookup: func(ctx context.Context, host string) []netip.Addr { return r.Resolve(ctx, host).Addrs },
	}
	p, err := upstream.Read(cfg)
	if err != nil {
		return nil, nil, err
	}
	unused := p.Unused(cfg)
	if unused != nil {
		p.Notices = append(p.Notices, upstream.NoticeOf(unused))
	}
	return p, unused, nil
}

// readSystemProxy reads the system's proxy settings, which one of its programs may have to print.
func readSystemProxy() systemproxy.Settings {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return systemproxy.Read(ctx)
}

// ownProxies lists the proxies of the running detours, as host:port. It reads the list once.
func ownProxies(ctx context.Context) func() []string {
	return sync.OnceValue(func() []string { return instances.Proxies(ctx, runsDir()) })
}

// servers are the nameservers that lookups are sent to, and those behind a stub resolver.
func (o *netOptions) servers() (asked, behind []netip.AddrPort) {
	if own, err := o.nameservers(); err == nil && len(own) > 0 {
		return own, nil
	}
	asked, behind, _ = resolve.Servers() // resolving reports an error
	return asked, behind
}

// resolving returns notices about how names are resolved on this machine.
func (o *netOptions) resolving() (news []string) {
	if len(o.resolvers) > 0 {
		return nil
	}
	asked, behind, err := resolve.Servers()
	if err != nil {
		news = append(news, "can't read the system's nameservers: "+err.Error())
	}
	if len(behind) > 0 {
		news = append(news, fmt.Sprintf("%s is systemd-resolved's stub resolver on this machine; it forwards to %s", asked[0], joined(behind)))
	}
	if others := resolve.Unasked(); len(others) > 0 {
		news = append(news, "programs on this machine also look names up in "+strings.Join(others, ", ")+
			" (/etc/nsswitch.conf); detour reads the hosts file and queries nameservers")
	}
	return news
}

// connectTimeout is the limit of each connection attempt; 0 is the system's own.
func (o *netOptions) connectTimeout() (time.Duration, error) {
	if o.timeout == "" || o.timeout == "native" {
		return 0, nil
	}
	d, err := time.ParseDuration(o.timeout)
	if err != nil || d <= 0 {
		return 0, flagUsage("connect-timeout", "for example 4s, or native", "--connect-timeout %q is not a duration", o.timeout)
	}
	return d, nil
}

// nameservers are the --resolver addresses, port 53 if they have none.
func (o *netOptions) nameservers() ([]netip.AddrPort, error) {
	var out []netip.AddrPort
	for _, s := range o.resolvers {
		ap, err := resolve.ParseServer(s, 53)
		if err != nil {
			return nil, flagUsage("resolver", "an IP address, with or without a port: 10.0.0.2 or [fd00::2]:53",
				"--resolver %q is not an address", s)
		}
		out = append(out, ap)
	}
	return out, nil
}

// hostMap are the --map answers.
func (o *netOptions) hostMap() (map[string][]netip.Addr, error) {
	out := make(map[string][]netip.Addr)
	for _, m := range o.maps {
		host, list, ok := strings.Cut(m, "=")
		host = strings.TrimSuffix(strings.ToLower(host), ".")
		for _, s := range strings.Split(list, ",") {
			a, err := netip.ParseAddr(s)
			if err != nil || !ok || host == "" {
				return nil, flagUsage("map", "for example --map logs.eu-west-1.amazonaws.com=10.0.1.24", "--map %q is not HOST=ADDRESS[,ADDRESS]", m)
			}
			out[host] = append(out[host], a)
		}
	}
	return out, nil
}

// rootCAs are the system's CAs and those of --upstream-ca; nil: the system's only.
func (o *netOptions) rootCAs() (*x509.CertPool, error) {
	if o.upstreamCA == "" {
		return nil, nil //nolint:nilnil // nil is what "the system's" is called everywhere
	}
	b, err := os.ReadFile(o.upstreamCA)
	if err != nil {
		return nil, flagUsage("upstream-ca", "a file of PEM certificates", "--upstream-ca: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // Windows has no pool to copy; the file has to be enough
	}
	if !pool.AppendCertsFromPEM(b) {
		return nil, flagUsage("upstream-ca", "a PEM certificate begins with -----BEGIN CERTIFICATE-----",
			"--upstream-ca %s: the file has no certificate", o.upstreamCA)
	}
	return pool, nil
}

// clientCertificate is --client-cert; nil if there is none.
func (o *netOptions) clientCertificate() (*tls.Certificate, error) {
	if o.clientCert == "" {
		return nil, nil //nolint:nilnil // nil is none
	}
	c, err := tls.LoadX509KeyPair(o.clientCert, o.clientCert)
	if err != nil {
		return nil, flagUsage("client-cert", "one PEM file with the certificate, its chain and its key", "--client-cert: %w", err)
	}
	return &c, nil
}

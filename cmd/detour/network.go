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
	"detour/internal/resolve"
	"detour/internal/running"
	"detour/internal/session"
	"detour/internal/upstream"
)

// netOptions are the flags that say how the network is reached. The commands that
// reach it share them.
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
	f.StringArrayVar(&o.resolvers, "resolver", nil, "`address` of a nameserver to ask instead of the system's (repeatable)")
	f.StringVar(&o.reference, "reference-resolver", "none", "`resolver` outside the VPC to compare with, for AWS's names: ADDRESS, tcp://, tls:// or https://…; it is told the names")
	f.StringArrayVar(&o.maps, "map", nil, "`host=address`: resolve a host to this address (repeatable)")
	f.StringVar(&o.timeout, "connect-timeout", timeout, "give up on a connect after this `duration`; native: when the system does")
	f.StringVar(&o.upstreamProxy, "upstream-proxy", "env", "proxy on the way to servers: env (HTTPS_PROXY and the like, as curl reads them), none, or a `URL`")
	f.StringVar(&o.upstreamCA, "upstream-ca", "", "PEM `file` of further CAs to trust towards servers")
	f.StringVar(&o.clientCert, "client-cert", "", "PEM `file` with a certificate and its key, for servers that ask for one")
}

// network is the real one.
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
	}
	if o.reference != "none" && o.reference != "" {
		if n.Reference, err = resolve.NewReference(o.reference); err != nil {
			return n, flagUsage("reference-resolver", "for example 1.1.1.1, tls://9.9.9.9#dns.quad9.net or https://dns.google/dns-query; none asks nobody", "--reference-resolver %q: %w", o.reference, err)
		}
	}
	return n, nil
}

// upstream is the policy for upstream proxies of a detour whose proxy listens at self.
func (o *netOptions) upstream(self net.Addr, running func() []string) (*upstream.Policy, error) {
	return upstream.Read(upstream.Config{Proxy: o.upstreamProxy, Self: self, Running: running, Env: os.Getenv})
}

// ownProxies lists the proxies of the running detours, as host:port. It looks once.
func ownProxies(ctx context.Context) func() []string {
	return sync.OnceValue(func() []string { return running.Proxies(ctx, runsDir()) })
}

// servers are the nameservers that lookups go to, and those behind a stub.
func (o *netOptions) servers() (asked, behind []netip.AddrPort) {
	if own, err := o.nameservers(); err == nil && len(own) > 0 {
		return own, nil
	}
	return resolve.Servers()
}

// resolving says what a person should know of how names are resolved here.
func (o *netOptions) resolving() (news []string) {
	if len(o.resolvers) > 0 {
		return nil
	}
	if asked, behind := resolve.Servers(); len(behind) > 0 {
		news = append(news, fmt.Sprintf("%s is a stub of systemd-resolved on this machine; behind it are %s", asked[0], joined(behind)))
	}
	if others := resolve.Unasked(); len(others) > 0 {
		news = append(news, "programs on this machine also ask "+strings.Join(others, ", ")+" for names (/etc/nsswitch.conf); detour reads the hosts file and asks nameservers")
	}
	return news
}

// connectTimeout is the limit for each connect; 0 is the system's own.
func (o *netOptions) connectTimeout() (time.Duration, error) {
	if o.timeout == "" || o.timeout == "native" {
		return 0, nil
	}
	d, err := time.ParseDuration(o.timeout)
	if err != nil || d <= 0 {
		return 0, flagUsage("connect-timeout", "for example 4s, or native", "--connect-timeout %q is no duration", o.timeout)
	}
	return d, nil
}

// nameservers are the --resolver addresses, port 53 if they have none.
func (o *netOptions) nameservers() ([]netip.AddrPort, error) {
	var out []netip.AddrPort
	for _, s := range o.resolvers {
		ap, err := resolve.ParseServer(s, 53)
		if err != nil {
			return nil, flagUsage("resolver", "an IP address, with or without a port: 10.0.0.2 or [fd00::2]:53", "--resolver %q is no address", s)
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

// rootCAs are the system's and those of --upstream-ca; nil for the system's alone.
func (o *netOptions) rootCAs() (*x509.CertPool, error) {
	if o.upstreamCA == "" {
		return nil, nil //nolint:nilnil // nil is what "the system's" is called everywhere
	}
	b, err := os.ReadFile(o.upstreamCA)
	if err != nil {
		return nil, flagUsage("upstream-ca", "a file with PEM certificates", "--upstream-ca: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // Windows has none to copy; what is given must do
	}
	if !pool.AppendCertsFromPEM(b) {
		return nil, flagUsage("upstream-ca", "it has to begin with -----BEGIN CERTIFICATE-----", "--upstream-ca %s: no certificate in it", o.upstreamCA)
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
		return nil, flagUsage("client-cert", "one PEM file that has the certificate, its chain and its key", "--client-cert: %w", err)
	}
	return &c, nil
}

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"detour/certs"
	"detour/internal/account"
	"detour/internal/decrypt"
	"detour/internal/demo"
	"detour/internal/resolve"
	"detour/internal/session"
)

const (
	demoTimeout = 5 * time.Second // a browser waits for minutes, which is too long for a demo
	demoPause   = 1500 * time.Millisecond
)

func demoCommand() *cobra.Command {
	o := &runOptions{}
	healthy, proof := false, false
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show detour on a simulated network: no AWS account, no root, no internet",
		Long: `A page of the console sends requests to CloudWatch and CloudWatch Logs directly. Their
names resolve to interface endpoints in a VPC whose security group doesn't allow this
machine. Everything but the proxy is simulated: the only packets are those between the
simulated browser and the proxy, on loopback.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return runDemo(c, o, healthy, proof) },
	}
	o.shared(c.Flags())
	o.captureOptions.register(c.Flags(), "none")
	c.Flags().BoolVar(&proof, "account", false, "prove the finding with the simulated account's configuration")
	nameSetting(c.Flags(), "account", "demo-account")
	c.Flags().BoolVar(&healthy, "healthy", false, "simulate a security group that allows this machine")
	return c
}

// runDemo is `detour demo`: the program itself on a simulated network.
func runDemo(c *cobra.Command, o *runOptions, healthy, proof bool) error {
	cfg, end, err := o.sessionConfig(c)
	if err != nil {
		return err
	}
	defer end()
	if proof {
		files, err := demo.Account(healthy)
		if err != nil {
			return err
		}
		cfg.Account.Config = account.Read(files)
	}
	simulated, err := demo.New(demo.Options{Healthy: healthy})
	if err != nil {
		return err
	}
	defer simulated.Close()
	ca, err := certs.Ephemeral(cfg.Tables.Suffixes(), time.Now())
	if err != nil {
		return err
	}
	cfg.Decrypt = decrypt.With(ca, cfg.Tables.IsAWS)
	cfg.Network = simulatedNetwork(simulated, demoTimeout)
	cfg.Simulated, cfg.RunsDir = demo.Environment(), runsDir()
	cfg.Notices = []string{"this is a demo: the browser, the network and AWS are simulated"}
	cfg.Work, cfg.Ends = browseDemo, true
	cfg.Listener, err = net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it takes no time
	if err != nil {
		return failed("", "can't listen on loopback: %w", err)
	}
	table := liveTable{opt: o, tables: cfg.Tables, badge: "DEMO", noBrowse: "the demo's browser is simulated; detour run starts a real one"}
	table.reprobe = newReprobe(cfg.Network, cfg.Tables, "")
	table.fixedReference = "the demo's network is simulated, and so is its reference resolver"
	table.reprobe.reference.put(demo.Reference{}, demo.Outside)
	return o.serve(c, cfg, table)
}

// simulatedNetwork is the demo's network as a session takes it.
func simulatedNetwork(n *demo.Network, timeout time.Duration) session.Network {
	return session.Network{
		Resolver: resolve.New(resolve.Config{Nameservers: []netip.AddrPort{n.Nameserver()}, Dial: n.ResolverDial}),
		Connect:  n.Connect, Timeout: timeout, RootCAs: n.RootCAs(),
	}
}

// browseDemo is the demo's browser.
func browseDemo(ctx context.Context, s *session.Session) {
	client := proxied(s)
	defer client.CloseIdleConnections()
	demo.Browse(ctx, client, demoPause)
}

// proxied is a client that uses the session's proxy and trusts its CA.
func proxied(s *session.Session) *http.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.Decrypt().RootsPEM())
	return &http.Client{Transport: &http.Transport{
		Proxy:             http.ProxyURL(&url.URL{Scheme: "http", Host: s.Addr()}),
		TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true,
	}}
}

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
	"detour/internal/decrypt"
	"detour/internal/demo"
	"detour/internal/resolve"
)

const (
	demoTimeout = 5 * time.Second // a browser waits for minutes; nobody watches that
	demoPause   = 1500 * time.Millisecond
)

func demoCommand() *cobra.Command {
	o := &runOptions{}
	healthy := false
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show the story on a made-up network: no AWS account, no root, no internet",
		Long: `A console page asks CloudWatch and CloudWatch Logs directly. The names resolve to
interface endpoints in a VPC whose security group doesn't admit this machine.
Everything but the proxy is made up: no packet leaves this process but those
between the made-up browser and the proxy on loopback.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return runDemo(c, o, healthy) },
	}
	o.shared(c.Flags())
	o.captureOptions.register(c.Flags(), "none")
	c.Flags().BoolVar(&healthy, "healthy", false, "the same with a security group that admits this machine")
	return c
}

// runDemo is `detour demo`: the real program on a simulated network.
func runDemo(c *cobra.Command, o *runOptions, healthy bool) error {
	base, end, err := o.begin(c)
	if err != nil {
		return err
	}
	defer end()
	made, err := demo.New(demo.Options{Healthy: healthy})
	if err != nil {
		return err
	}
	defer made.Close()
	ca, err := certs.Ephemeral(base.tables.Suffixes(), time.Now())
	if err != nil {
		return err
	}
	base.listen, err = net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it takes no time
	if err != nil {
		return failed("", "can't listen on loopback: %w", err)
	}
	base.badge = "DEMO"
	base.decrypt = decrypt.With(ca, base.tables.IsAWS)
	s := newSession(base, network{
		resolver: resolve.New(resolve.Config{Nameservers: []netip.AddrPort{made.Nameserver()}, Dial: made.ResolverDial}),
		connect:  made.Connect,
		timeout:  demoTimeout,
		rootCAs:  made.RootCAs(),
	})
	s.noWindow = "the demo's browser is made up; detour run starts a real one"
	s.again.reference, s.again.of = demo.Reference{}, demo.Outside
	if err := s.keepOnDisk(c.Context(), c); err != nil {
		_ = s.listen.Close()
		return err
	}
	return s.serve(c.Context(), func(ctx context.Context) bool {
		s.say("this is a demo: the browser, the network and AWS are made up")
		client := proxied(s)
		defer client.CloseIdleConnections()
		demo.Browse(ctx, client, demoPause)
		return true
	})
}

// proxied is a client that uses the session's proxy and trusts its CA.
func proxied(s *session) *http.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.decrypt.RootsPEM())
	return &http.Client{Transport: &http.Transport{
		Proxy:             http.ProxyURL(&url.URL{Scheme: "http", Host: s.listen.Addr().String()}),
		TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true,
	}}
}

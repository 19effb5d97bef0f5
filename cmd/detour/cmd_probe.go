package main

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/alias"
	"detour/internal/aws"
	"detour/internal/dial"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/machine"
	"detour/internal/probe"
	"detour/internal/resolve"
	"detour/internal/scan"
)

// probeTimeout is probe's default for --connect-timeout: the third SYN is sent after
// three seconds at the latest (RFC 6298, 5.5), and gets one more to be answered.
const probeTimeout = "4s"

// counterTries is how often --reference tries each of the host's own addresses.
const counterTries = 3

// probeOptions are the flags of probe.
type probeOptions struct {
	netOptions
	endpointServiceOptions
	accountOptions
	tries   int
	counter bool
	json    bool
	tcpOnly bool              // set by scan
	unused  *flow.SystemProxy // the system's proxy that the probes don't use; nil: none
}

func probeCommand() *cobra.Command {
	o := &probeOptions{}
	c := &cobra.Command{
		Use:   "probe HOST[:PORT]...",
		Short: "Test DNS, TCP and TLS to every address of these hosts, without a browser",
		Long: `Resolves each host, connects to each of its addresses, completes a TLS handshake and
sends a request without credentials. A URL stands for its host.
Findings go to stderr. The exit code is 3 if one is a problem.`,
		Example: `  detour probe monitoring.ap-northeast-1.amazonaws.com logs.ap-northeast-1.amazonaws.com
  detour probe --reference-resolver 1.1.1.1 --reference logs.eu-west-1.amazonaws.com
  detour probe --resolver 10.0.0.2 --tries 3 --json ec2.eu-west-1.amazonaws.com | jq .addresses`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("detour probe monitoring.eu-west-1.amazonaws.com", "no host to probe")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return runProbe(c, o, args) },
	}
	o.register(c.Flags(), probeTimeout)
	o.registerEndpointServices(c.Flags())
	o.registerAccount(c.Flags())
	c.Flags().IntVar(&o.tries, "tries", 1, "`number` of connections to each address, one after another")
	c.Flags().BoolVar(&o.counter, "reference", false, "if no address responds, also try the ones that --reference-resolver returns "+
		"(the public path), and each of the host's own three times")
	c.Flags().BoolVar(&o.json, "json", false, "write a JSON object for each host: its flow record, and every try of every address")
	return c
}

func runProbe(c *cobra.Command, o *probeOptions, hosts []string) error {
	if o.counter {
		if o.reference == "none" || o.reference == "" {
			return flagUsage("reference", "for example --reference-resolver 1.1.1.1, "+
				"which then sees the names", "--reference needs --reference-resolver")
		}
		if !c.Flags().Changed("tries") {
			o.tries = counterTries
		}
	}
	if o.tries < 1 || o.tries > 100 {
		return flagUsage("tries", "from 1 to 100", "--tries %d is out of range", o.tries)
	}
	authorities, err := parseHosts(hosts)
	if err != nil {
		return err
	}
	tables, err := o.tables()
	if err != nil {
		return err
	}
	proving, err := o.readAccount(c.InOrStdin())
	if err != nil {
		return err
	}
	p, err := o.prober(c, tables)
	if err != nil {
		return err
	}
	results, err := scan.All(c.Context(), p, tables, authorities, 0, nil)
	if err != nil {
		return err
	}
	flows := make([]*flow.Flow, len(results))
	for i := range results {
		flows[i] = &results[i].Flow
	}
	found, by := o.judge(flows, proving)
	for i, r := range results {
		if err := o.write(c.OutOrStdout(), r, i == 0, found, by); err != nil {
			return err
		}
	}
	return conclude(c.ErrOrStderr(), found)
}

// parseHosts turns hosts and URLs into host:port.
func parseHosts(hosts []string) ([]string, error) {
	var out []string
	for _, h := range hosts {
		authority, ok := probe.Authority(h)
		if !ok {
			return nil, usage("a host name or an address, with a port if it isn't 443: "+
				"logs.eu-west-1.amazonaws.com or [fd00::1]:8443", "%q isn't a host", h)
		}
		out = append(out, authority)
	}
	return out, nil
}

// prober is made from the flags. It reports on stderr which connections use a proxy.
func (o *probeOptions) prober(c *cobra.Command, tables *aws.Tables) (*probe.Prober, error) {
	n, err := o.network()
	if err != nil {
		return nil, err
	}
	up, unused, err := o.upstream(&net.TCPAddr{}, ownProxies(c.Context()), n.Resolver)
	if err != nil {
		return nil, err
	}
	o.unused = unused
	for _, s := range append(up.Notices, o.resolving()...) {
		fmt.Fprintln(c.ErrOrStderr(), "detour: "+s)
	}
	cfg := probe.Config{
		Resolver: n.Resolver, Tries: o.tries, TCPOnly: o.tcpOnly, Elsewhere: o.counter,
		Dial: dial.Config{
			Resolver: n.Resolver, Timeout: n.Timeout, HandshakeTimeout: n.Timeout, RootCAs: n.RootCAs, Via: up.Via,
			Then: up.Then, Why: up.Why, ClientCert: n.ClientCert,
		},
	}
	if n.Reference != nil {
		cfg.Reference = resolve.Limit(n.Reference, tables.IsAWS)
	}
	if !o.tcpOnly {
		servers, behind := o.servers()
		if len(behind) > 0 {
			servers = behind
		}
		for _, s := range servers {
			if r, err := resolve.NewReference(s.String()); err == nil {
				cfg.Each = append(cfg.Each, r)
			}
		}
	}
	return probe.New(cfg), nil
}

func joined(servers []netip.AddrPort) string {
	var out []string
	for _, s := range servers {
		out = append(out, s.String())
	}
	return strings.Join(out, ", ")
}

// write puts a result on stdout, as text or as JSON. by is nil without an account.
func (o *probeOptions) write(w io.Writer, r probe.Result, first bool, found []flow.Finding, by *flow.AccountReport) error {
	switch {
	case o.json && by != nil:
		return newEncoder(w).Encode(r.Proven(found, by))
	case o.json:
		return newEncoder(w).Encode(r.Record())
	}
	gap := "\n"
	if first {
		gap = ""
	}
	_, err := io.WriteString(w, gap+probe.Text(r))
	return err
}

// judge returns the findings about probes, and what is said of the account beside them.
func (o *probeOptions) judge(flows []*flow.Flow, a intake.Account) ([]flow.Finding, *flow.AccountReport) {
	now, on := time.Now(), machine.Commands()
	on.UnusedProxy = o.unused
	by := a.Proving(flows, now).On(on)
	return by.Judge(flows, now, alias.Texts{}), by.Report()
}

// conclude writes the findings. The error is errProblems if one is a problem.
func conclude(stderr io.Writer, found []flow.Finding) error {
	var err error
	for _, f := range found {
		fmt.Fprint(stderr, finding.Text(f))
		if f.Level == flow.LevelProblem {
			err = errProblems
		}
	}
	return err
}

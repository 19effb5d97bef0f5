package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/lazyregexp"
	"detour/internal/probe"
	"detour/internal/scan"
	"detour/internal/wording"
)

// scanTimeout is the default and the maximum of --connect-timeout. It limits each
// address to three SYNs: these are sent at 0, 1, 3 and 7 s (RFC 6298, 5.5), and on Linux
// 6.5 and later at 0, 1, 2, 3 and 4 s first (net.ipv4.tcp_syn_linear_timeouts).
const scanTimeout = 2900 * time.Millisecond

// scanPace is the time between two hosts, to spare nameservers, firewalls and those who
// watch them a flood.
const scanPace = 20 * time.Millisecond

// scanOptions are the flags of scan.
type scanOptions struct {
	probeOptions
	region    string
	services  []string
	console   bool
	endpoints string
}

func scanCommand() *cobra.Command {
	o := &scanOptions{}
	c := &cobra.Command{
		Use:   "scan --region REGION",
		Short: "List the API hosts of a Region by path, private or public, and whether they respond",
		Long: `Resolves every API host of a Region that the console may call, and connects to each
of its addresses once, without TLS or credentials, with at most three SYNs per address.
Findings go to stderr. The exit code is 3 if one is a problem.`,
		Example: `  detour scan --region ap-northeast-1 --console
  detour scan --region eu-west-1 --service logs --service monitoring
  aws ec2 describe-vpc-endpoints > endpoints.json; detour scan --region eu-west-1 --vpc-endpoints endpoints.json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return runScan(c, o) },
	}
	o.register(c.Flags(), scanTimeout.String())
	o.registerEndpointServices(c.Flags())
	c.Flags().StringVar(&o.region, "region", "", "the `Region`, for example ap-northeast-1")
	c.Flags().StringArrayVar(&o.services, "service", nil, "scan only this `service`, by the name in its host; repeatable (default: all)")
	c.Flags().BoolVar(&o.console, "console", false, "scan only hosts that console pages call directly: those that respond to CORS preflights")
	c.Flags().StringVar(&o.endpoints, "vpc-endpoints", "", "compare with this `file`, the output of aws ec2 describe-vpc-endpoints")
	c.Flags().BoolVar(&o.json, "json", false, "write a JSON object for each host: its flow record and its group")
	o.tries = 1
	return c
}

func runScan(c *cobra.Command, o *scanOptions) error {
	tables, err := o.tables()
	if err != nil {
		return err
	}
	targets, err := o.targets(tables)
	if err != nil {
		return err
	}
	var own []scan.VPCEndpoint
	if o.endpoints != "" {
		if own, err = readVPCEndpoints(o.endpoints); err != nil {
			return err
		}
	}
	if d, err := o.connectTimeout(); err != nil || d == 0 || d > scanTimeout {
		return flagUsage("connect-timeout", "at most "+scanTimeout.String()+", which limits each address to three SYNs",
			"--connect-timeout %s is too long for a scan", o.timeout)
	}
	o.tcpOnly = true
	p, err := o.prober(c, tables)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.ErrOrStderr(), "detour: scanning %s in %s, at most %d per second, "+
		"with at most 3 SYNs per address\n", wording.Count(len(targets), "host"), o.region, time.Second/scanPace)
	hosts := make([]string, len(targets))
	for i, t := range targets {
		hosts[i] = net.JoinHostPort(t.Host, "443")
	}
	results, err := scan.All(c.Context(), p, tables, hosts, scanPace, progress(c.ErrOrStderr(), len(hosts)))
	if err != nil {
		return err
	}
	if err := o.writeAll(c.OutOrStdout(), targets, results, own); err != nil {
		return err
	}
	var flows []*flow.Flow
	for i := range results {
		if scan.GroupOf(&results[i].Flow) != scan.NoSuchName { // not every service is in every Region
			flows = append(flows, &results[i].Flow)
		}
	}
	found, _ := o.judge(flows, intake.Account{})
	return conclude(c.ErrOrStderr(), found)
}

// regionName is the form of a Region's name.
var regionName = lazyregexp.New(`^[a-z]+(-[a-z]+)+-[0-9]+$`)

// readVPCEndpoints reads --vpc-endpoints.
func readVPCEndpoints(path string) ([]scan.VPCEndpoint, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, flagUsage("vpc-endpoints", "aws ec2 describe-vpc-endpoints > FILE creates one", "--vpc-endpoints: %w", err)
	}
	defer f.Close()
	own, err := scan.ReadVPCEndpoints(f)
	if err != nil {
		return nil, flagUsage("vpc-endpoints", "the output of aws ec2 describe-vpc-endpoints --output json", "--vpc-endpoints %s: %w", path, err)
	}
	return own, nil
}

// targets are the endpoints to scan.
func (o *scanOptions) targets(tables *aws.Tables) ([]aws.Endpoint, error) {
	if o.region == "" {
		return nil, flagUsage("region", "for example --region ap-northeast-1", "--region is missing")
	}
	all := tables.Endpoints(o.region)
	if len(all) == 0 || !regionName.MatchString(o.region) {
		return nil, flagUsage("region", "for example ap-northeast-1", "--region %q isn't a Region", o.region)
	}
	for _, s := range o.services {
		if !slices.ContainsFunc(all, func(e aws.Endpoint) bool { return serves(e, s) }) {
			return nil, flagUsage("service", "the name in the service's host: logs, monitoring, ec2", "--service %q is unknown", s)
		}
	}
	return slices.DeleteFunc(all, func(e aws.Endpoint) bool {
		return o.console && !e.Console || len(o.services) > 0 && !slices.ContainsFunc(o.services, func(s string) bool { return serves(e, s) })
	}), nil
}

// serves reports whether s names the endpoint's service, or its host's label.
func serves(e aws.Endpoint, s string) bool {
	return e.Service == s || e.Label == s
}

// progress draws a bar on a terminal, and nothing otherwise.
func progress(w io.Writer, total int) func() {
	w = terminalOf(w)
	if !onTerminal(w) {
		return nil
	}
	const width = 40
	n := 0
	return func() {
		n++
		fmt.Fprintf(w, "\r[%-*s] %d of %d", width, strings.Repeat("#", n*width/total), n, total)
		if n == total {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}

// A scanRecord is the JSON of a scanned host.
type scanRecord struct {
	flow.Record
	Group scan.Group `json:"group"`
}

// writeAll writes the matrix, or a line of JSON for each host.
func (o *scanOptions) writeAll(w io.Writer, targets []aws.Endpoint, results []probe.Result, own []scan.VPCEndpoint) error {
	if o.json {
		enc := newEncoder(w)
		for _, r := range results {
			if err := enc.Encode(scanRecord{r.Flow.Record(), scan.GroupOf(&r.Flow)}); err != nil {
				return err
			}
		}
		return nil
	}
	text := scan.Text(targets, results)
	if own != nil {
		text += scan.Compare(targets, results, own)
	}
	_, err := io.WriteString(w, text)
	return err
}

package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/aws"
	"detour/internal/doctor"
)

// doctorTime is how long all facts together may take to gather.
const doctorTime = 2500 * time.Millisecond

// doctorConnect is the default of --connect-timeout for doctor.
const doctorConnect = "2s"

// doctorHost is the server of AWS that is asked: the console's own door, which is
// public, and which no VPC endpoint takes the place of.
const doctorHost = "console.aws.amazon.com"

// doctorOptions are the flags of doctor: those of run that it checks.
type doctorOptions struct {
	runOptions
	asJSON   bool
	settings *settings // of this command: what isn't from its command line
}

func doctorCommand(s *settings) *cobra.Command {
	o := &doctorOptions{settings: s}
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check what detour needs of this machine",
		Long: `Check port, browser, profile, captures, settings, proxies, nameservers, hosts file, VPN,
clock, interception, signing chain and terminal, each with what to do about it. It
takes under three seconds, changes nothing, and asks one server: ` + doctorHost + `.

  ok     as it should be
  warn   to know; detour works
  fail   detour doesn't, or AWS doesn't; the exit code is 3 then`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", defaultListen, "loopback `address` that the proxy is to have")
	f.StringVar(&o.browser, "browser", "auto", "browser that is to be started, as for run")
	f.StringVar(&o.profile, "profile", "", "`name` of the browser profile that is to be used")
	f.StringVar(&o.decrypt, "decrypt", "aws", "what is to be decrypted: its chain is looked at")
	f.StringVar(&o.caDir, "ca-dir", "", "`directory` of the signing chain")
	f.BoolVar(&o.asJSON, "json", false, "write one JSON object")
	o.netOptions.register(f, doctorConnect)
	return c
}

func (o *doctorOptions) run(c *cobra.Command) error {
	set, err := o.asRun(c)
	if err != nil {
		return err
	}
	n, err := o.network()
	if err != nil && set.Wrong != nil {
		o.netOptions.register(pflag.NewFlagSet("", pflag.ContinueOnError), doctorConnect) // as without the setting
		n, err = o.network()
	}
	if err != nil {
		return err
	}
	tables, err := aws.Load()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context(), doctorTime)
	defer cancel()
	facts := o.gather(ctx, c, n, tables)
	facts.Settings = set
	if err := c.Context().Err(); err != nil {
		return err
	}
	checks := doctor.Judge(facts)
	if o.asJSON {
		err = newEncoder(c.OutOrStdout()).Encode(struct {
			V      int            `json:"v"`
			Level  doctor.Level   `json:"level"`
			Checks []doctor.Check `json:"checks"`
		}{1, doctor.Worst(checks), checks})
	} else {
		_, err = fmt.Fprint(c.OutOrStdout(), doctor.Text(checks))
	}
	if err == nil && doctor.Worst(checks) == doctor.Fail {
		err = errProblems
	}
	return err
}

// gather finds the facts out, all at once. Those that ctx cuts short say so.
func (o *doctorOptions) gather(ctx context.Context, c *cobra.Command, n network, tables *aws.Tables) (f doctor.Facts) {
	running := ownProxies(ctx)
	f.Port = o.port(c.Flags().Changed("listen"), running)
	up := o.environment(f.Port, running, tables.Suffixes())
	n.via = up.policy.Via
	var all sync.WaitGroup
	all.Go(func() { f.Browser = o.foundBrowser() })
	all.Go(func() { f.State = o.state() })
	all.Go(func() { f.Captures = capturesKept(capturesDir()) })
	all.Go(func() { f.Env = up.reached(ctx) })
	all.Go(func() { f.PAC = pacFound(ctx) })
	all.Go(func() { f.Resolvers = o.askResolvers(ctx) })
	all.Go(func() { f.Hosts = hostsOf(tables) })
	all.Go(func() { f.Network = waysOut(ctx) })
	all.Go(func() { f.Server = askServer(ctx, n, doctorHost) })
	all.Go(func() { f.CA = o.lookAtChains(ctx, tables) })
	all.Go(func() { f.Terminal = terminalOf(c.OutOrStdout()) })
	all.Wait()
	return f
}

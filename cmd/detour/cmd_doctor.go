package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/aws"
	"detour/internal/decrypt"
	"detour/internal/doctor"
	"detour/internal/doctor/gather"
	"detour/internal/session"
	"detour/internal/statedir"
	"detour/internal/systemproxy"
)

// doctorTime is how long all checks together may take.
const doctorTime = 2500 * time.Millisecond

// doctorConnect is the default of --connect-timeout for doctor.
const doctorConnect = "2s"

// doctorHost is the server of AWS to connect to: the console's entry point, which is
// public, and which no VPC endpoint replaces.
const doctorHost = "console.aws.amazon.com"

// doctorOptions are the flags of doctor: those of run that it checks.
type doctorOptions struct {
	runOptions
	asJSON   bool
	settings *settings // what isn't on the command line
}

func doctorCommand(s *settings) *cobra.Command {
	o := &doctorOptions{settings: s}
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check this machine for anything that would stop detour from working",
		Long: `Check the port, browser, its policies, profile, captures, settings, proxies, nameservers,
hosts file, VPN, clock, TLS interception, signing chain and terminal, and say how to fix
what is wrong. This takes less than three seconds, changes nothing, and connects to one AWS
server: ` + doctorHost + `.

  ok     as it should be
  warn   worth knowing; detour works
  fail   detour doesn't work, or AWS can't be reached; the exit code is 3`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", defaultListen, "loopback `address` for the proxy")
	f.StringVar(&o.browser, "browser", "auto", "browser to start, as for run")
	f.StringVar(&o.profile, "profile", "", "`name` of the browser profile to use")
	f.StringVar(&o.decrypt, "decrypt", "aws", "select the chain that detour uses with this value of --decrypt")
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
	facts := gather.Facts(ctx, o.config(ctx, c, n, tables))
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

// config is what a run with these options would use.
func (o *doctorOptions) config(ctx context.Context, c *cobra.Command, n session.Network, tables *aws.Tables) gather.Config {
	cfg := gather.Config{
		Host: doctorHost, IsAWS: tables.IsAWS, Suffixes: tables.Suffixes(), Env: os.LookupEnv, Running: ownProxies(ctx),
		Dial:   n.Dial(),
		Listen: o.listen, DefaultListen: !c.Flags().Changed("listen"),
		Browser: o.browser, FindBrowser: func() (string, error) { return findBrowser(o.browser) },
		StateDir: statedir.Dir(), NoState: noState().Error(), CapturesDir: capturesDir(), ProfileDir: o.profileDir(),
		System:        sync.OnceValue(func() systemproxy.Settings { return systemproxy.Read(ctx) }),
		UpstreamProxy: o.upstreamProxy, Nameservers: slices.Concat(o.servers()),
	}
	if err := o.checkListen(); err != nil {
		cfg.Refused = mistake(err)
	}
	if s, err := decrypt.Parse(o.decrypt); err == nil { // else it is among the settings
		cfg.Chains = s.Chains(o.chainDir(), tables.Suffixes())
	}
	if stdout := c.OutOrStdout(); onTerminal(stdout) {
		cfg.Terminal.Is = true
		cfg.Terminal.Width, cfg.Terminal.Height = terminalSize(stdout)
	}
	return cfg
}

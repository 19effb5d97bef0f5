package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/aws"
	"detour/internal/catrust"
	"detour/internal/decrypt"
	"detour/internal/statedir"
	"detour/internal/truststore"
)

// caOptions are the flags of detour ca, and what they select.
type caOptions struct {
	runOptions        // --decrypt and --ca-dir select the chains
	asJSON     bool   // of status
	store      string // which stores to change; "": all
	dryRun     bool

	chains []decrypt.Chain
	stores []truststore.Store
	run    truststore.Runner
}

func caCommand() *cobra.Command {
	o := &caOptions{run: truststore.Run}
	asJSON := func(f *pflag.FlagSet) { f.BoolVar(&o.asJSON, "json", false, "write one JSON object") }
	dry := func(f *pflag.FlagSet) {
		f.BoolVar(&o.dryRun, "dry-run", false, "print the commands without running them")
	}
	changing := func(f *pflag.FlagSet) {
		dry(f)
		f.StringVar(&o.store, "store", "", "change only this trust store: system (the system's programs) or nss (Firefox, and Chrome on Linux)")
	}
	root := o.command("ca", "Show, trust, untrust or rotate the signing chain", (*caOptions).status, asJSON)
	root.Long = `Programs that go through detour have to trust its signing chain. The browser that
detour starts trusts it for that run, and the chain is then in memory only. For
other programs there is a chain on disk:

  detour ca                  show it, and what trusts it
  detour ca trust            make this machine's programs trust it
  detour ca untrust          undo exactly that
  detour ca trust --dry-run  print the commands without running them`
	root.AddCommand(
		o.command("status", "Show the chain and what trusts it", (*caOptions).status, asJSON),
		o.command("path", "Print the path of the certificate to trust", (*caOptions).path),
		o.command("print", "Print the certificate to trust, as PEM", (*caOptions).print),
		o.command("trust", "Make this machine's programs trust the chain; create it if there is none", (*caOptions).trust, changing),
		o.command("untrust", "Remove the chain, and those it replaced, from all trust stores", (*caOptions).untrust, changing),
		o.command("rotate", "Create a new chain, and trust it wherever the old one was", (*caOptions).rotate, dry),
	)
	return root
}

// command returns a subcommand, with the flags that all of them have.
func (o *caOptions) command(use, short string, do func(*caOptions, *cobra.Command) error, flags ...func(*pflag.FlagSet)) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: noArguments}
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := o.find(c); err != nil {
			return err
		}
		return do(o, c)
	}
	c.Flags().StringVar(&o.decrypt, "decrypt", "aws", "select the chain that detour uses with this value of --decrypt")
	c.Flags().StringVar(&o.caDir, "ca-dir", "", "`directory` of the signing chain (default "+shown(statedir.File("ca"))+")")
	for _, add := range flags {
		add(c.Flags())
	}
	return c
}

// find finds the selected chains, and the trust stores of this machine.
func (o *caOptions) find(c *cobra.Command) error {
	selection, err := decrypt.Parse(o.decrypt)
	if err != nil {
		return err
	}
	tables, err := aws.Load()
	if err != nil {
		return err
	}
	if o.chainDir() == "" {
		return noState()
	}
	o.chains = selection.Chains(o.chainDir(), tables.Suffixes())
	switch o.store {
	case "", truststore.System, truststore.NSS:
	default:
		return flagUsage("store", "choose one of: system nss", "--store %q is unknown", o.store)
	}
	m, err := truststore.ThisMachine()
	if err != nil {
		return err
	}
	for _, s := range m.Stores() {
		if o.store == "" || o.store == s.Kind() {
			o.stores = append(o.stores, s)
		}
	}
	if m.UID == 0 && os.Getenv("SUDO_USER") != "" {
		o.say(c, "with sudo this applies to root's chain and root's browsers; run it as yourself, and it calls sudo where needed")
	}
	return nil
}

// say prints a line to stderr.
func (o *caOptions) say(c *cobra.Command, format string, args ...any) {
	fmt.Fprintf(c.ErrOrStderr(), "detour: "+format+"\n", args...)
}

// A caStatus is what detour ca status --json prints.
type caStatus struct {
	V      int              `json:"v"`
	Chains []catrust.Status `json:"chains"`
}

func (o *caOptions) status(c *cobra.Command) error {
	out := caStatus{V: 1, Chains: []catrust.Status{}}
	for _, chain := range o.chains {
		st, err := catrust.StatusOf(c.Context(), chain, o.stores, o.run)
		if err != nil {
			return err
		}
		out.Chains = append(out.Chains, st)
	}
	if o.asJSON {
		return json.NewEncoder(c.OutOrStdout()).Encode(out)
	}
	for _, st := range out.Chains {
		st.Write(c.OutOrStdout())
	}
	return nil
}

// changed carries out a change for each chain.
func (o *caOptions) changed(c *cobra.Command, do func(*catrust.Change, context.Context, decrypt.Chain) error) error {
	ch := &catrust.Change{
		Stores: o.stores, Partial: o.store != "", DryRun: o.dryRun, Run: o.run,
		Say:     func(text string) { o.say(c, "%s", text) },
		Hint:    func(text string) { fmt.Fprintln(c.ErrOrStderr(), "hint: "+text) },
		Command: func(line string) { fmt.Fprintln(c.OutOrStdout(), line) },
	}
	for _, chain := range o.chains {
		if err := do(ch, c.Context(), chain); err != nil {
			return err
		}
	}
	return ch.End()
}

func (o *caOptions) trust(c *cobra.Command) error {
	if len(o.stores) == 0 {
		return failed("import the file that detour ca path prints", "detour found no trust store that it supports")
	}
	return o.changed(c, (*catrust.Change).Trust)
}

func (o *caOptions) untrust(c *cobra.Command) error {
	return o.changed(c, (*catrust.Change).Untrust)
}

func (o *caOptions) rotate(c *cobra.Command) error { return o.changed(c, (*catrust.Change).Rotate) }

func (o *caOptions) path(c *cobra.Command) error {
	for _, s := range o.chains {
		if _, err := s.Existing(); err != nil {
			return err
		}
		fmt.Fprintln(c.OutOrStdout(), s.RootFile())
	}
	return nil
}

func (o *caOptions) print(c *cobra.Command) error {
	for _, s := range o.chains {
		ca, err := s.Existing()
		if err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "%s", ca.RootPEM())
	}
	return nil
}

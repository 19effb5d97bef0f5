package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/certs"
	"detour/internal/aws"
	"detour/internal/decrypt"
	"detour/internal/truststore"
)

// caOptions are the flags of detour ca, and what it works on.
type caOptions struct {
	runOptions        // --decrypt and --ca-dir say which chains are meant
	asJSON     bool   // of status
	store      string // which stores to change; "": all
	dryRun     bool

	specs  []decrypt.Chain
	stores []truststore.Store
	run    truststore.Runner
}

func caCommand() *cobra.Command {
	o := &caOptions{run: truststore.Run}
	asJSON := func(f *pflag.FlagSet) { f.BoolVar(&o.asJSON, "json", false, "write one JSON object") }
	dry := func(f *pflag.FlagSet) { f.BoolVar(&o.dryRun, "dry-run", false, "print the commands and run none") }
	changing := func(f *pflag.FlagSet) {
		dry(f)
		f.StringVar(&o.store, "store", "", "leave all others alone: system (what the system's programs trust) or nss (Firefox, and on Linux Chrome)")
	}
	root := o.command("ca", "Show, trust, untrust or replace the signing chain", (*caOptions).status, asJSON)
	root.Long = `Programs behind detour have to trust its signing chain. The browser that detour
starts does for that run, and the chain is then in memory only. For others there
is one on disk:

  detour ca                  what it is, and what trusts it
  detour ca trust            have this machine's programs trust it
  detour ca untrust          take exactly that back
  detour ca trust --dry-run  print the commands and run none`
	root.AddCommand(
		o.command("status", "Show the chain and what trusts it", (*caOptions).status, asJSON),
		o.command("path", "Print the path of the certificate to trust", (*caOptions).path),
		o.command("print", "Print the certificate to trust, as PEM", (*caOptions).print),
		o.command("trust", "Have this machine's programs trust the chain, which is made if there is none", (*caOptions).trust, changing),
		o.command("untrust", "Take the chain, and those it took the place of, out of what trusts them", (*caOptions).untrust, changing),
		o.command("rotate", "Make a new chain, and have it trusted where the old one was", (*caOptions).rotate, dry),
	)
	return root
}

// command is one of ca's, with the flags that all of them have.
func (o *caOptions) command(use, short string, do func(*caOptions, *cobra.Command) error, flags ...func(*pflag.FlagSet)) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: noArguments}
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := o.look(c); err != nil {
			return err
		}
		return do(o, c)
	}
	c.Flags().StringVar(&o.decrypt, "decrypt", "aws", "which chain: the one that detour has with this --decrypt")
	c.Flags().StringVar(&o.caDir, "ca-dir", "", "`directory` of the signing chain; by default "+shown(stateFile("ca")))
	for _, add := range flags {
		add(c.Flags())
	}
	return c
}

// look finds the chains that are meant, and the stores of this machine.
func (o *caOptions) look(c *cobra.Command) error {
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
	o.specs = selection.Chains(o.chainDir(), tables.Suffixes())
	switch o.store {
	case "", truststore.System, truststore.NSS:
	default:
		return flagUsage("store", "it is one of: system nss", "--store %q is unknown", o.store)
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
		o.say(c, "by sudo this is about root's chain and root's browsers; run it as yourself, and it calls sudo where that is needed")
	}
	return nil
}

// say speaks to a person.
func (o *caOptions) say(c *cobra.Command, format string, args ...any) {
	fmt.Fprintf(c.ErrOrStderr(), "detour: "+format+"\n", args...)
}

// onDisk returns the chain that is on disk; there must be one.
func onDisk(c decrypt.Chain) (*certs.CA, error) {
	ca, err := c.Load()
	if err == nil && ca == nil {
		err = failed("detour ca trust makes one, and so does detour --browser none", "there is no signing chain in %s", c.Dir)
	}
	return ca, err
}

func (o *caOptions) path(c *cobra.Command) error {
	for _, s := range o.specs {
		ca, err := onDisk(s)
		if err != nil {
			return err
		}
		fmt.Fprintln(c.OutOrStdout(), absolute(ca.Path()))
	}
	return nil
}

func (o *caOptions) print(c *cobra.Command) error {
	for _, s := range o.specs {
		ca, err := onDisk(s)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "%s", ca.RootPEM())
	}
	return nil
}

// absolute is a path as a command takes it that may run elsewhere.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os/exec"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/account"
	"detour/internal/account/checktext"
	"detour/internal/account/collector"
	"detour/internal/account/folder"
	"detour/internal/account/plan"
	"detour/internal/flow"
)

func accountCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "account",
		Short: "Collect an account's configuration, and check who can reach its interface endpoints",
		Long: `The configuration of an AWS account, beside a capture, proves which rule of which
security group, network ACL or route table stops a request, or that none does.

  detour account collect DIR --region R   print the read-only commands that make DIR
  detour account show DIR                 what was read, what is missing, what it would decide
  detour account check DIR --from A       who could not reach which endpoint, without a capture
  detour diagnose FILE --account DIR      prove the findings of a capture`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage("detour account collect, show or check", "detour account has no command %q", args[0])
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.AddCommand(collectCommand(), showAccountCommand(), checkAccountCommand())
	return root
}

// runFlag makes detour account collect run the commands. It is no setting: what runs is said where
// it runs.
const runFlag = "run"

// collectOptions are the flags of detour account collect.
type collectOptions struct {
	region, profile string
	run             bool
}

func collectCommand() *cobra.Command {
	o := &collectOptions{}
	c := &cobra.Command{
		Use:   "collect DIR",
		Short: "Print, or run, the read-only aws commands that fill a folder",
		Long: `Prints a script for a POSIX shell (sh) of read-only aws commands whose outputs are
what --account reads. With --run, detour runs the commands itself, also on Windows,
with your aws and your credentials, which it doesn't read; it asks for no more than
the endpoints need, and goes on if a permission is missing. Keys of VPN and Direct
Connect are left out.`,
		Example: "  detour account collect account --region eu-central-1 > collect.sh\n" +
			"  detour account collect account --region eu-central-1 --profile network --run",
		Args: oneFolder("detour account collect account --region eu-central-1"),
		RunE: func(c *cobra.Command, args []string) error { return runCollect(c, o, args[0]) },
	}
	c.Flags().StringVar(&o.region, "region", "", "the `Region`, for example eu-central-1")
	c.Flags().StringVar(&o.profile, "profile", "", "the `profile` of the AWS CLI")
	c.Flags().BoolVar(&o.run, runFlag, false, "run the commands instead of printing them")
	nameSetting(c.Flags(), "profile", "account-profile")
	return c
}

// oneFolder accepts one argument. example is how it is given.
func oneFolder(example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage(example, "one folder is required, got %d", len(args))
		}
		return nil
	}
}

func runCollect(c *cobra.Command, o *collectOptions, dir string) error {
	if !regionName.MatchString(o.region) {
		return flagUsage("region", "for example --region eu-central-1", "--region %q isn't a Region", o.region)
	}
	if !o.run {
		_, err := io.WriteString(c.OutOrStdout(), plan.Script(dir, o.region, o.profile))
		return err
	}
	program, err := exec.LookPath("aws")
	if err != nil {
		return failed("install the AWS CLI, or run without --run where it is installed: that prints the commands",
			"no aws command on this machine")
	}
	entries, err := collector.Run(c.Context(), collector.Config{
		Dir: dir, Region: o.region, Profile: o.profile, Program: program, Now: time.Now,
		Report: func(e account.IndexEntry) { fmt.Fprintln(c.ErrOrStderr(), collector.Line(e)) },
	})
	switch {
	case errors.Is(err, collector.ErrNothing):
		return failed("aws sts get-caller-identity shows whether the credentials work; --profile chooses others", "%w", err)
	case err != nil:
		return err
	}
	_, err = io.WriteString(c.ErrOrStderr(), collector.Summary(dir, entries))
	return err
}

func showAccountCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show DIR",
		Short: "Show what was read of an account, what is missing, and what it would decide",
		Args:  oneFolder("detour account show account"),
		RunE: func(c *cobra.Command, args []string) error {
			got, _, err := folder.Account(args[0], c.InOrStdin())
			if err != nil {
				return err
			}
			_, err = io.WriteString(c.OutOrStdout(), account.Text(got))
			return err
		},
	}
}

// checkOptions are the flags of detour account check.
type checkOptions struct {
	from, resolver string
	json           bool
}

func checkAccountCommand() *cobra.Command {
	o := &checkOptions{}
	c := &cobra.Command{
		Use:   "check DIR --from ADDRESS[/LENGTH]",
		Short: "Say which interface endpoints a client would be sent to, and which would not respond",
		Long: `Answers, before a change is made, "who breaks if private DNS is turned on?": for the
interface endpoints with private DNS in DIR, what would become of the connects of a
client, or of a range of clients. With --resolver, also of their DNS queries to each
address of that resolver endpoint, and of connects only those in its VPC. The exit code
is 3 if one would not respond.`,
		Example: "  detour account check account --from 172.16.8.5\n  detour account check account --from 172.16.0.0/16 --resolver 10.0.1.53",
		Args:    oneFolder("detour account check account --from 172.16.8.5"),
		RunE:    func(c *cobra.Command, args []string) error { return runCheckAccount(c, o, args[0]) },
	}
	c.Flags().StringVar(&o.from, "from", "", "the `address` of the client, or the range of the clients")
	c.Flags().StringVar(&o.resolver, "resolver", "", "the `address` of the resolver endpoint that the clients ask")
	c.Flags().BoolVar(&o.json, "json", false, "write a JSON object for each address")
	nameSetting(c.Flags(), "from", "account-from")
	nameSetting(c.Flags(), "resolver", "account-resolver")
	return c
}

func runCheckAccount(c *cobra.Command, o *checkOptions, dir string) error {
	q, err := o.question()
	if err != nil {
		return err
	}
	got, _, err := folder.Account(dir, c.InOrStdin())
	if err != nil {
		return err
	}
	all, known := got.Reach(q)
	if !known {
		return failed("aws route53resolver list-resolver-endpoint-ip-addresses --resolver-endpoint-id ID shows a resolver endpoint's addresses",
			"no resolver endpoint in %s has %s", dir, o.resolver)
	}
	if len(all) == 0 {
		return failed("detour account show "+dir+" says what was read",
			"%s has no interface endpoint with private DNS for clients like %s", dir, o.from)
	}
	if o.json {
		err = checktext.JSON(newEncoder(c.OutOrStdout()), all)
	} else {
		_, err = io.WriteString(c.OutOrStdout(), checktext.Text(all, q))
	}
	if err == nil && slices.ContainsFunc(all, func(r account.Reach) bool { return r.Proof.Verdict == flow.Proven }) {
		return errProblems
	}
	return err
}

func (o *checkOptions) question() (q account.Question, err error) {
	const hint = "for example --from 172.16.8.5 or --from 172.16.0.0/16"
	if o.from == "" {
		return q, flagUsage("from", hint, "--from is missing")
	}
	if q.Clients, err = account.ParseClients(o.from); err != nil {
		return q, flagUsage("from", hint, "--from %q %w", o.from, err)
	}
	if o.resolver != "" {
		if q.Resolver, err = netip.ParseAddr(o.resolver); err != nil {
			return q, flagUsage("resolver", "for example --resolver 10.0.1.53", "--resolver %q isn't an address", o.resolver)
		}
	}
	return q, nil
}

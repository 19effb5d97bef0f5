package main

import (
	"cmp"

	"github.com/spf13/cobra"

	diff "detour/internal/compare" // a function of this package has the name
)

// diffOptions are the flags of diff.
type diffOptions struct {
	endpointServiceOptions
	json, markdown bool
}

func diffCommand() *cobra.Command {
	o := &diffOptions{}
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two captures or HARs: a VPN on and off, two laptops",
		Long: `Compares two captures or HARs of the same pages: the machines, and for each host and
operation its outcome, addresses and time. Only differences are listed. AWS's public
addresses change all the time: those in the same range count as equal. A call that its
page gave up after seconds, or that was still waiting at the end, counts as failed if a
problem is about it. Use - to read one file from stdin.
The exit code is 3 if something got worse in B.`,
		Example: "  detour diff vpn-off.detour vpn-on.detour\n  detour diff monday.har tuesday.har --json | jq " +
			"'.hosts[] | select(.trend == \"worse\")'",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("detour diff before.detour after.detour", "two files are required, got %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return runDiff(c, o, args[0], args[1]) },
	}
	o.registerEndpointServices(c.Flags())
	c.Flags().BoolVar(&o.json, "json", false, "write one JSON object")
	c.Flags().BoolVar(&o.markdown, "md", false, "write Markdown, for a ticket")
	return c
}

func runDiff(c *cobra.Command, o *diffOptions, before, after string) error {
	switch {
	case o.json && o.markdown:
		return conflict("json", "md", "--json and --md are mutually exclusive")
	case before == "-" && after == "-":
		return usage("use a file for one of them", "stdin can't be both")
	}
	tables, err := o.tables()
	if err != nil {
		return err
	}
	r := reader(c, tables)
	r.Max = maxJudged
	a, err := readFile(c.Context(), r, before)
	if err != nil {
		return err
	}
	b, err := readFile(c.Context(), r, after)
	if err != nil {
		return err
	}
	d := diff.Captures(a, b)
	out := c.OutOrStdout()
	switch {
	case o.json:
		err = newEncoder(out).Encode(d)
	case o.markdown:
		err = diff.Markdown(out, d)
	default:
		width, _ := terminalSize(out)
		err = diff.Text(out, d, width)
	}
	if err == nil && d.Worse() {
		return errProblems
	}
	return cmp.Or(err, unread(a, b))
}

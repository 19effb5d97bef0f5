package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"detour/internal/aws"
	diff "detour/internal/compare" // a function of this package has the name
	"detour/internal/diagnose"
	"detour/internal/flow"
)

// diffOptions are the flags of diff.
type diffOptions struct {
	knowledgeOptions
	json, markdown bool
}

func diffCommand() *cobra.Command {
	o := &diffOptions{}
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "What differs between two HARs: a VPN on and off, two laptops",
		Long: `Compares two HARs of the same pages: what differs of the machines, and for each
host and operation what became of it, where it led and how long it took. What is
alike isn't told; public addresses of AWS's, which change all the time, are alike
if they are of the same range. - reads one of them from stdin.
The exit code is 3 if something got worse in B.`,
		Example: "  detour diff vpn-off.har vpn-on.har\n  detour diff monday.har tuesday.har --json | jq '.hosts[] | select(.trend == \"worse\")'",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("detour diff before.har after.har", "two files are wanted, got %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return runDiff(c, o, args[0], args[1]) },
	}
	o.registerKnowledge(c.Flags())
	c.Flags().BoolVar(&o.json, "json", false, "one JSON object")
	c.Flags().BoolVar(&o.markdown, "md", false, "Markdown, for a ticket")
	return c
}

func runDiff(c *cobra.Command, o *diffOptions, before, after string) error {
	switch {
	case o.json && o.markdown:
		return usage("take one of them", "--json and --md are two forms")
	case before == "-" && after == "-":
		return usage("name a file for one of them", "stdin can't be both")
	}
	tables, err := o.tables()
	if err != nil {
		return err
	}
	a, err := loadCapture(c, before, tables)
	if err != nil {
		return err
	}
	b, err := loadCapture(c, after, tables)
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
		err = diff.Text(out, d, columns(out))
	}
	if err == nil && d.Worse() {
		return errProblems
	}
	return err
}

// loadCapture reads a HAR as a capture: tagged, redacted and judged. What comes after
// a place where it is torn is missing, and stderr says so.
func loadCapture(c *cobra.Command, path string, tables *aws.Tables) (*flow.Capture, error) {
	const hint = "a HAR: developer tools, Network, save all as HAR"
	in := c.InOrStdin()
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, usage(hint, "%w", err)
		}
		defer f.Close()
		in = f
	}
	flows, info, err := readHAR(in, tables)
	if err != nil && len(flows) == 0 {
		return nil, failed(hint, "%s: %w", path, err)
	}
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "detour: %s: %v; what came before is compared\n", path, err)
	}
	return &flow.Capture{File: path, Creator: info.Creator, Flows: flows, Findings: diagnose.Run(flows, lastInstant(flows))}, nil
}

// columns is how wide a terminal is; 0 if w isn't one.
func columns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd())) //nolint:gosec // a descriptor is a small number
	if err != nil {
		return 0
	}
	return width
}

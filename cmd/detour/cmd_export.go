package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"detour/internal/atomicfile"
	"detour/internal/export"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/interrupt"
	"detour/internal/otlp/feed"
	"detour/internal/otlp/send"
)

// exportOptions are the flags of export.
type exportOptions struct {
	endpointServiceOptions
	accountOptions
	format, out, filter, privacy string
	marked, force                bool
	otlp                         feed.Options
}

func exportCommand() *cobra.Command {
	o := &exportOptions{}
	c := &cobra.Command{
		Use:   "export FILE",
		Short: "Export a capture: ticket, report, HAR, JSON Lines, CSV, or a bundle; or send it to a collector",
		Long: `Writes a capture or HAR as a report for a ticket on GitHub (md) or in Jira (jira), a message
in Slack (slack), a mail (txt) or a browser (html), as a HAR for other tools, JSON Lines, CSV,
or a zip of md, html, har, jsonl and csv with a manifest (bundle). A report begins with what
fails, for whom, and who does what. A capture's secrets were redacted when it was recorded; a
HAR's are redacted now.
Without -o, the output goes to stdout. A capture, JSON Lines or one HAR is read several times,
stdin from memory, where it is compressed; all else is held in memory.
With --otlp, findings and requests are sent to an OpenTelemetry collector, and nothing is
written; it fails if not all arrive.`,
		Example: "  detour export run.detour --format html -o ticket.html\n" +
			"  detour export run.detour --format jira | xclip\n  detour export run.detour --format bundle -o ticket.zip --marked\n" +
			"  detour export console.har --format csv --filter 'origin:direct' | column -s, -t",
		Args: oneFile("detour export run.detour --format html -o ticket.html"),
		RunE: func(c *cobra.Command, args []string) error { return runExport(c, o, args[0]) },
	}
	o.registerEndpointServices(c.Flags())
	o.registerAccount(c.Flags())
	registerOTLP(c.Flags(), &o.otlp)
	nameSetting(c.Flags(), send.Flag, "export-otlp") // that of run must not make every export send
	c.Flags().BoolVar(&o.accountFiles, "account-files", false,
		"put the parts of --account that decide into the bundle, without tags, descriptions and keys")
	c.Flags().StringVar(&o.format, "format", "", "one of "+strings.Join(export.Formats(), ", ")+" (default: from the extension of -o)")
	c.Flags().StringVarP(&o.out, "output", "o", "", "`file` to write; - is stdout (default: stdout)")
	c.Flags().StringVar(&o.filter, "filter", "", "only flows that match this `expression`; see detour help filters")
	c.Flags().BoolVar(&o.marked, "marked", false, "only marked flows")
	c.Flags().BoolVar(&o.force, "force", false, "replace the file if it already exists")
	c.Flags().StringVar(&o.privacy, "privacy", "normal", "normal, or strict: also redact account IDs, names in ARNs, "+
		"e-mail and private addresses")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(export.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// pickFormat is the format that was named, or that the file's name ends in.
func (o *exportOptions) pickFormat() error {
	if o.format == "" && (o.out == "" || isStdout(o.out)) {
		return cmp.Or(o.otlp.Missing(),
			flagUsage("format", "choose one of: "+strings.Join(export.Formats(), " "), "--format is missing: stdout has no extension"))
	}
	if o.format = cmp.Or(o.format, export.FormatOf(o.out)); o.format == "" {
		return flagUsage("format", "choose one of: "+strings.Join(export.Formats(), " "), "--format is missing: %s has no extension", o.out)
	}
	if !slices.Contains(export.Formats(), o.format) {
		return flagUsage("format", "choose one of: "+strings.Join(export.Formats(), " "), "--format %q is unknown", o.format)
	}
	if o.accountFiles && (o.account == "" || o.format != "bundle") {
		return flagUsage("account-files", "for example --format bundle --account DIR --account-files",
			"--account-files needs --account and --format bundle")
	}
	if o.privacy != "normal" && o.privacy != "strict" {
		return flagUsage("privacy", "choose one of: normal strict", "--privacy %q is unknown", o.privacy)
	}
	return nil
}

func runExport(c *cobra.Command, o *exportOptions, path string) error {
	if o.otlp.To == "" {
		if err := o.pickFormat(); err != nil {
			return err
		}
	}
	keep, err := parseFilter(o.filter)
	if err != nil {
		return err
	}
	tables, err := o.tables()
	if err != nil {
		return err
	}
	r := reader(c, tables)
	if r.Account, err = o.readAccount(c.InOrStdin()); err != nil {
		return err
	}
	r.Keep, r.Marked, r.Whole, r.Strict = keep, o.marked, true, o.privacy == "strict"
	if o.otlp.To != "" {
		r.Whole = false
		return exportOTLP(c, o, r, path)
	}
	stdout := c.OutOrStdout()
	if isStdout(o.out) {
		o.out = ""
	}
	if o.out == "" && o.format == "bundle" && onTerminal(stdout) {
		return usage("-o ticket.zip", "a zip can't be written to a terminal")
	}
	if info, err := os.Stat(o.out); o.out != "" && !o.force && err == nil { // a pipe or a terminal isn't replaced
		switch {
		case info.IsDir():
			return flagUsage("output", "give the name of a file in it", "%s is a directory", o.out)
		case info.Mode().IsRegular():
			return flagUsage("output", "--force replaces it", "%s already exists", o.out)
		}
	}
	return withFile(c, r, path, func(got *flow.Capture, flows flow.Reader) error {
		write := func(w io.Writer) error {
			if file, ok := flows.(interface{ Close() }); ok { // it may be the one that is replaced, which Windows refuses while it is open
				defer file.Close()
			}
			return exportWriter(tables).WriteOf(until{w, c.Context().Err}, o.format, got, flows)
		}
		if o.out == "" {
			return write(stdout)
		}
		err := atomicfile.WriteIn(c.Context(), o.out, o.force, write)
		if errors.Is(err, fs.ErrExist) {
			return flagUsage("output", "--force replaces it", "%s already exists", o.out)
		}
		return err
	})
}

// withFile reads a file for do, and reports what couldn't be read of it.
func withFile(c *cobra.Command, r intake.Reader, path string, do func(*flow.Capture, flow.Reader) error) (err error) {
	defer interrupt.Unfinished(c.Context(), func() {
		fmt.Fprintln(c.ErrOrStderr(), "detour: interrupted: the export isn't complete")
	})(&err)
	r.Hold(c.Context(), path)
	if s := r.Stream(c.Context(), path); s != nil {
		defer s.Close()
		return cmp.Or(do(s.Capture, s), unread(s.Capture))
	}
	got, err := readFile(c.Context(), r, path)
	if err != nil {
		return err
	}
	return cmp.Or(do(got, got.Reader()), unread(got))
}

// isStdout reports whether -o stands for stdout.
func isStdout(path string) bool {
	return slices.Contains([]string{"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}, path)
}

// newEncoder writes JSON without the escapes of & and <, which only HTML needs.
func newEncoder(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc
}

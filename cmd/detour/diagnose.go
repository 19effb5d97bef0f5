package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/aws"
	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/har"
	"detour/internal/redact"
)

// diagnoseOptions are the flags of diagnose.
type diagnoseOptions struct {
	knowledgeOptions
	json, markdown bool
	filter         string
}

func diagnoseCommand() *cobra.Command {
	o := &diagnoseOptions{}
	c := &cobra.Command{
		Use:   "diagnose FILE",
		Short: "What a HAR that somebody sent is consistent with",
		Long: `Reads a HAR, as any browser's developer tools save it, and says what its requests
together are consistent with, the most telling finding first. - reads from stdin.
The exit code is 3 if there is a problem.`,
		Example: "  detour diagnose console.har\n  detour diagnose console.har --json | jq .findings[].title",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("detour diagnose console.har", "one file is wanted, got %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return runDiagnose(c, o, args[0]) },
	}
	o.registerKnowledge(c.Flags())
	c.Flags().BoolVar(&o.json, "json", false, "one JSON object")
	c.Flags().BoolVar(&o.markdown, "md", false, "Markdown, for a ticket")
	c.Flags().StringVar(&o.filter, "filter", "", "judge only flows that this `expression` lets through; detour help filters")
	return c
}

func runDiagnose(c *cobra.Command, o *diagnoseOptions, path string) error {
	if o.json && o.markdown {
		return usage("take one of them", "--json and --md are two forms")
	}
	keep, err := parseFilter(o.filter)
	if err != nil {
		return err
	}
	tables, err := o.tables()
	if err != nil {
		return err
	}
	in := c.InOrStdin()
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return usage("a HAR: developer tools, Network, save all as HAR", "%w", err)
		}
		defer f.Close()
		in = f
	}
	flows, info, err := readHAR(in, tables)
	if err != nil && len(flows) == 0 {
		return failed("a HAR: developer tools, Network, save all as HAR", "%s: %w", path, err)
	}
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "detour: %s: %v; what came before is judged\n", path, err)
	}
	for _, note := range info.Notes {
		fmt.Fprintf(c.ErrOrStderr(), "detour: %s: %s\n", path, note)
	}
	if info.Skipped > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "detour: %s: %d entries were skipped\n", path, info.Skipped)
	}
	last := lastInstant(flows)
	flows = slices.DeleteFunc(flows, func(f *flow.Flow) bool { return !keep.Match(f, last) })
	found := diagnose.Run(flows, last)
	switch {
	case o.json:
		err = writeDiagnosis(c.OutOrStdout(), path, flows, found)
	case o.markdown:
		_, err = io.WriteString(c.OutOrStdout(), toldInMarkdown(path, info, flows, found))
	default:
		_, err = io.WriteString(c.OutOrStdout(), told(path, info, flows, found))
	}
	if err == nil {
		for _, f := range found {
			if f.Level == flow.LevelProblem {
				return errProblems
			}
		}
	}
	return err
}

// readHAR reads a HAR's flows as if they had just passed: tagged and redacted.
func readHAR(in io.Reader, tables *aws.Tables) ([]*flow.Flow, har.Info, error) {
	var flows []*flow.Flow
	var pairing aws.Pairing
	redactor := newRedactor(redact.Options{})
	info, err := har.Decode(bufio.NewReaderSize(in, 1<<16), func(f *flow.Flow) error {
		tables.Tag(f)
		if before, call := pairing.Add(f); before != 0 {
			if i, ok := slices.BinarySearchFunc(flows, before, byID); ok {
				flows[i].AWS = call
			}
		}
		f.DropBodies()
		redactor.Flow(f)
		f.Findings = diagnose.Codes(f)
		f.Request.Headers = nil // no rule looks at them, and they are most of a HAR
		if f.Response != nil {
			f.Response.Headers = nil
		}
		flows = append(flows, f)
		return nil
	})
	return flows, info, err
}

// byID compares a flow of a file with an ID: they rise.
func byID(f *flow.Flow, id flow.ID) int { return cmp.Compare(f.ID, id) }

// lastInstant is when the last flow ended.
func lastInstant(flows []*flow.Flow) time.Time {
	var last time.Time
	for _, f := range flows {
		if f.Times.Done.After(last) {
			last = f.Times.Done
		}
	}
	return last
}

// judged says what was judged.
func judged(path string, info har.Info, flows []*flow.Flow) string {
	by := make(map[flow.Origin]int)
	for _, f := range flows {
		by[f.Origin]++
	}
	return fmt.Sprintf("%s: %d requests (%d console-origin, %d direct-endpoint), written by %s", flow.Printable(path), len(flows),
		by[flow.OriginConsole], by[flow.OriginDirect], flow.Printable(info.Creator))
}

const nothingFound = "nothing was found: no request has a signature that detour knows\n"

// toldInMarkdown is a diagnosis for a ticket.
func toldInMarkdown(path string, info har.Info, flows []*flow.Flow, found []flow.Finding) string {
	out := "## What detour found\n\n" + diagnose.Escape(judged(path, info, flows)) + "\n\n"
	if len(found) == 0 {
		return out + nothingFound
	}
	for _, f := range found {
		out += diagnose.Markdown(f) + "\n"
	}
	return out
}

// told is a diagnosis for a terminal.
func told(path string, info har.Info, flows []*flow.Flow, found []flow.Finding) string {
	out := judged(path, info, flows) + "\n\n"
	if len(found) == 0 {
		return out + nothingFound
	}
	for _, f := range found {
		out += diagnose.Text(f)
	}
	return out
}

// A diagnosis is the JSON of detour diagnose.
type diagnosis struct {
	V        int                  `json:"v"`
	File     string               `json:"file"`
	Flows    int                  `json:"flows"`
	Findings []flow.RecordFinding `json:"findings"`
}

func writeDiagnosis(w io.Writer, path string, flows []*flow.Flow, found []flow.Finding) error {
	d := diagnosis{V: 1, File: path, Flows: len(flows), Findings: make([]flow.RecordFinding, 0, len(found))}
	for _, f := range found {
		d.Findings = append(d.Findings, f.Record())
	}
	return newEncoder(w).Encode(d)
}

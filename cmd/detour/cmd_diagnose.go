package main

import (
	"cmp"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"detour/internal/alias"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/intake"
)

// diagnoseOptions are the flags of diagnose.
type diagnoseOptions struct {
	endpointServiceOptions
	accountOptions
	json, markdown bool
	filter         string
}

func diagnoseCommand() *cobra.Command {
	o := &diagnoseOptions{}
	c := &cobra.Command{
		Use:   "diagnose FILE",
		Short: "Analyse a capture or HAR: findings, evidence and next steps",
		Long: `Reads a capture, or a HAR saved by any browser's developer tools, and prints what its
requests are consistent with, the most important finding first. Use - to read a HAR
from stdin. The exit code is 3 if a finding is a problem.`,
		Example: "  detour diagnose console.har\n  detour diagnose run.detour --md\n  detour diagnose console.har --json | jq .findings[].title",
		Args:    oneFile("detour diagnose console.har"),
		RunE:    func(c *cobra.Command, args []string) error { return runDiagnose(c, o, args[0]) },
	}
	o.registerEndpointServices(c.Flags())
	o.registerAccount(c.Flags())
	c.Flags().BoolVar(&o.json, "json", false, "write one JSON object")
	c.Flags().BoolVar(&o.markdown, "md", false, "write Markdown, for a ticket")
	c.Flags().StringVar(&o.filter, "filter", "", "only findings of flows that match this `expression`; see detour help filters")
	return c
}

// maxJudged is how many flows of a capture are judged, as a rule all that failed, if they have to be in memory together.
const maxJudged = 100_000

func runDiagnose(c *cobra.Command, o *diagnoseOptions, path string) error {
	if o.json && o.markdown {
		return conflict("json", "md", "--json and --md are mutually exclusive")
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
	r.Keep, r.Max = keep, maxJudged
	if r.Account, err = o.readAccount(c.InOrStdin()); err != nil {
		return err
	}
	n := intake.Counts{}
	r.Counts = &n
	r.Hold(c.Context(), path)
	got, err := readFile(c.Context(), r, path)
	if err != nil {
		return err
	}
	switch {
	case o.json:
		err = writeDiagnosis(c.OutOrStdout(), path, got, n.Flows)
	case o.markdown:
		_, err = io.WriteString(c.OutOrStdout(), diagnosisMarkdown(path, got, n))
	default:
		_, err = io.WriteString(c.OutOrStdout(), diagnosisText(path, got, n))
	}
	if err == nil {
		for _, f := range got.Findings {
			if f.Level == flow.LevelProblem {
				return errProblems
			}
		}
	}
	return cmp.Or(err, unread(got))
}

// judged is what was judged, on one line.
func judged(path string, got *flow.Capture, n intake.Counts) string {
	console, direct := n.By[flow.OriginConsole], n.By[flow.OriginDirect]
	out := fmt.Sprintf("%s: %s (%d console-origin, %d direct-endpoint, %d other)",
		flow.Printable(path), finding.Judged(got, n.Flows), console, direct, n.Flows-console-direct)
	if got.Simulated() {
		out = "a demo, simulated: " + out
	}
	if got.Creator != "" { // not every HAR has one
		out += ", written by " + flow.Printable(got.Creator)
	}
	if !got.Unread.None() {
		out += "; " + got.Unread.String() + " couldn't be read"
	}
	return out
}

// diagnosisMarkdown is a diagnosis for a ticket.
func diagnosisMarkdown(path string, got *flow.Capture, n intake.Counts) string {
	out := "## Findings\n\n" + finding.Escape(judged(path, got, n)) + "\n\n"
	if got.Strict {
		out += alias.Notice + "\n\n"
	}
	if len(got.Findings) == 0 {
		return out + finding.NoneOf(got, n.Flows, n.Waiting) + "\n"
	}
	for _, f := range got.Findings {
		out += finding.Markdown(f) + "\n"
	}
	return out
}

// diagnosisText is a diagnosis for a terminal.
func diagnosisText(path string, got *flow.Capture, n intake.Counts) string {
	out := judged(path, got, n) + "\n"
	if got.Strict {
		out += alias.Notice + "\n"
	}
	out += "\n"
	if len(got.Findings) == 0 {
		return out + finding.NoneOf(got, n.Flows, n.Waiting) + "\n"
	}
	for _, f := range got.Findings {
		out += finding.Text(f)
	}
	return out
}

// A diagnosis is the JSON of detour diagnose.
type diagnosis struct {
	V         int                  `json:"v"`
	File      string               `json:"file"`
	Flows     int                  `json:"flows"`
	NotJudged int                  `json:"not_judged,omitempty"` // further ones, which the findings don't regard
	Privacy   string               `json:"privacy,omitempty"`    // "strict": the texts have names such as private-1
	Unread    *flow.Unread         `json:"unread,omitempty"`     // absent if the whole file was read
	Simulated bool                 `json:"simulated,omitempty"`  // it is a demo
	Account   *flow.AccountReport  `json:"account,omitempty"`    // absent without --account
	Findings  []flow.RecordFinding `json:"findings"`
}

func writeDiagnosis(w io.Writer, path string, got *flow.Capture, flows int) error {
	d := diagnosis{
		V: 1, File: path, Flows: flows, NotJudged: max(0, got.Selected-flows), Simulated: got.Simulated(), Account: got.Account,
		Findings: make([]flow.RecordFinding, 0, len(got.Findings)),
	}
	if !got.Unread.None() {
		d.Unread = &got.Unread
	}
	if got.Strict {
		d.Privacy = flow.PrivacyStrict
	}
	for _, f := range got.Findings {
		d.Findings = append(d.Findings, f.Record())
	}
	return newEncoder(w).Encode(d)
}

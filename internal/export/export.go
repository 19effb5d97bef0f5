// Package export writes a capture in any of its formats: [Writer.Write] for one of [Formats].
// [Redactions] counts what was redacted in it.
package export

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path"
	"path/filepath"
	"strings"

	"detour/internal/flow"
	"detour/internal/har"
	"detour/internal/lazyregexp"
	"detour/internal/report"
)

// Formats returns what a capture can be written as.
func Formats() []string {
	return []string{"har", "jsonl", "md", "txt", "slack", "jira", "html", "csv", "bundle"}
}

// FormatOf returns the format that a file's name ends in, which may not be one of Formats.
func FormatOf(name string) string {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), ".")
	if format == "zip" {
		return "bundle"
	}
	return format
}

// A Writer writes captures.
type Writer struct {
	Version string // detour's, for the manifest of a bundle
	// HTML writes a capture, whose flows the Reader reads, as a page, with names in place of stand-ins.
	HTML func(w io.Writer, c *flow.Capture, r flow.Reader, d report.Documents) error
}

// Write writes a capture in one of Formats. The error is w's.
func (x Writer) Write(w io.Writer, format string, c *flow.Capture) error {
	return x.WriteOf(w, format, c, c.Reader())
}

// WriteOf is [Writer.Write] of a capture whose flows a Reader reads, once or several times. The capture
// itself may have none. The error is w's, or the Reader's.
func (x Writer) WriteOf(w io.Writer, format string, c *flow.Capture, r flow.Reader) error {
	switch format {
	case "har":
		return har.EncodeOf(w, c, r)
	case "jsonl":
		return linesOf(w, c, r.Flows())
	case "csv":
		return report.CSV(w, c, r.Bodiless())
	}
	d, err := report.OfFlows(c, r.Bodiless())
	if err != nil {
		return err
	}
	switch format {
	case "html":
		return x.HTML(w, c, r, d)
	case "md":
		return reported(w, c, d.Whole, report.Markdown)
	case "txt":
		return reported(w, c, d.Whole, report.Text)
	case "slack":
		return reported(w, c, d.Whole, report.Slack)
	case "jira":
		return reported(w, c, d.Whole, report.Jira)
	}
	return x.bundle(w, c, r, d)
}

// bundle writes a bundle, whose files have one report.
func (x Writer) bundle(w io.Writer, c *flow.Capture, r flow.Reader, d report.Documents) error {
	part := func(name, format string) report.Part {
		return report.Part{Name: name, Write: func(w io.Writer) error { return x.WriteOf(w, format, c, r) }}
	}
	return report.Bundle(w, c, d.Whole, x.Version, append([]report.Part{
		{Name: "report.md", Write: func(w io.Writer) error { return reported(w, c, d.Whole, report.Markdown) }},
		{Name: "report.html", Write: func(w io.Writer) error { return x.HTML(w, c, r, d) }},
		part("capture.har", "har"), part("flows.jsonl", "jsonl"), part("flows.csv", "csv"),
		{Name: "environment.json", Write: func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			return enc.Encode(c.Environment)
		}},
	}, account(c)...))
}

// account are the files of the AWS account's configuration that decided.
func account(c *flow.Capture) (out []report.Part) {
	if c.Account == nil {
		return nil
	}
	for _, p := range c.Account.Parts {
		out = append(out, report.Part{Name: "account/" + path.Base(p.Name), Write: func(w io.Writer) error {
			_, err := w.Write(p.Data)
			return err
		}})
	}
	return out
}

// reported writes a report for people. In a strict one, names stand in place of the stand-ins that
// records have.
func reported(w io.Writer, c *flow.Capture, d report.Document, write func(io.Writer, report.Document) error) error {
	if c.Names == nil {
		return write(w, d)
	}
	var b strings.Builder
	if err := write(&b, d); err != nil {
		return err
	}
	_, err := io.WriteString(w, c.Names.Text(b.String()))
	return err
}

// linesOf writes a capture's flow records as JSON Lines.
func linesOf(w io.Writer, c *flow.Capture, flows flow.Flows) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false) // outside HTML, & and < need no escapes
	for f, err := range flows {
		if err != nil {
			return err
		}
		r := f.Record()
		r.RawSecrets, r.Simulated = c.RawSecrets, c.Simulated()
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return out.Flush()
}

// pseudonym stands for something that was redacted; its kind is the first group or, with
// strict privacy, the second one.
var pseudonym = lazyregexp.New(`redacted(?::([a-z]{1,10}):|-([a-z]{1,10})-)[0-9a-f]{10}`)

// Redactions counts the pseudonyms in the records of flows, by kind. It ends with ctx.
func Redactions(ctx context.Context, flows []*flow.Flow) (map[string]int, error) {
	out := map[string]int{}
	for _, f := range flows {
		b, err := json.Marshal(f.Record())
		if err = errors.Join(err, ctx.Err()); err != nil {
			return out, err
		}
		for _, m := range pseudonym.FindAllSubmatch(b, -1) {
			out[string(m[1])+string(m[2])]++
		}
	}
	return out, nil
}

// Package finding writes a finding: its sections, in the same order and under the same heads on every
// screen and in every report, and from them the text for a terminal and the Markdown for a ticket.
package finding

import (
	"fmt"
	"strconv"
	"strings"

	"detour/internal/flow"
)

// The heads of a finding's sections, the same on every screen.
const (
	HeadEvidence     = "Evidence"
	HeadScreens      = "Affected screens"
	HeadAlternatives = "Other possible causes"
	HeadCloudTrail   = "CloudTrail"
	HeadNextSteps    = "Next steps"
	HeadAsks         = "Who has to act"
)

// A Section is one part of a finding: its head, and at least one line. The text isn't
// escaped.
type Section struct {
	Head  string
	Lines []Line
}

// A Line is a sentence, a shell command, or both: the sentence then introduces the
// command, which stands on its own line.
type Line struct {
	Text    string
	Command string
}

// Sentence is the text as it stands above the command, if there is one: with a colon.
func (l Line) Sentence() string {
	if l.Text == "" || l.Command == "" {
		return l.Text
	}
	return l.Text + ":"
}

// Sections are the parts of a finding that have lines, in the order in which they are
// read. Every screen and every form of a report is made from them.
func Sections(f flow.Finding) []Section {
	var out []Section
	add := func(head string, lines []Line) {
		if len(lines) > 0 {
			out = append(out, Section{head, lines})
		}
	}
	add(HeadProof, proof(f.Proof))
	add(HeadEvidence, evidence(f.Because))
	add(HeadScreens, sentences(f.Screens))
	add(HeadAlternatives, sentences(f.Alternatives))
	add(HeadCloudTrail, sentences(f.CloudTrail))
	add(HeadNextSteps, Steps(f.Try))
	asks := make([]Line, len(f.Asks))
	for i, a := range f.Asks {
		asks[i].Text = string(a.Of) + ": " + a.What
	}
	add(HeadAsks, asks)
	return out
}

// maxEvidence is how many lines of evidence are shown. The finding has them all.
const maxEvidence = 50

// evidence is sentences about what was seen, if they aren't too many to be read.
func evidence(texts []string) []Line {
	more := len(texts) - maxEvidence
	if more <= 0 {
		return sentences(texts)
	}
	return append(sentences(texts[:maxEvidence]), Line{Text: "and " + strconv.Itoa(more) + " more"})
}

func sentences(texts []string) []Line {
	out := make([]Line, len(texts))
	for i, s := range texts {
		out[i].Text = s
	}
	return out
}

// Steps are next steps as lines.
func Steps(steps []flow.NextStep) []Line {
	out := make([]Line, len(steps))
	for i, s := range steps {
		out[i] = Line{s.Text, s.Command}
	}
	return out
}

// Resolved says after a finding's level that it is resolved, and since when: ", resolved since
// 21:18:25 UTC"; "" if it isn't.
func Resolved(f flow.Finding) string {
	switch {
	case !f.Resolved:
		return ""
	case f.ResolvedAt.IsZero():
		return ", resolved"
	}
	return ", resolved since " + f.ResolvedAt.UTC().Format("15:04:05 UTC")
}

// Text is a finding for a terminal. Nothing in it can move the cursor.
func Text(f flow.Finding) string {
	var b strings.Builder
	soFar := Resolved(f)
	if f.Provisional && soFar == "" {
		soFar = " so far"
	}
	fmt.Fprintf(&b, "%s%s: %s [%s, confidence %s]\n", f.Level, soFar, clean(f.Title), f.Code, f.Confidence)
	for _, s := range Sections(f) {
		fmt.Fprintf(&b, "  %s\n", s.Head)
		for _, l := range s.Lines {
			if l.Text != "" {
				fmt.Fprintf(&b, "  - %s\n", clean(l.Sentence()))
			}
			if l.Command != "" {
				fmt.Fprintf(&b, "      %s\n", clean(l.Command))
			}
		}
	}
	return b.String()
}

// Markdown is a finding as a section of a ticket. Text of foreign origin has no
// markup in it.
func Markdown(f flow.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n`%s`, %s, confidence %s%s\n", Escape(f.Title), f.Code, f.Level, f.Confidence, Resolved(f))
	for _, s := range Sections(f) {
		fmt.Fprintf(&b, "\n**%s**\n%s", s.Head, MarkdownLines(s.Lines))
	}
	return b.String()
}

// MarkdownLines are lines as a list, after an empty line. A command stands in a fence
// as it is, to be copied.
func MarkdownLines(lines []Line) string {
	var b strings.Builder
	gap := true // an empty line is due: at the start, and around a fence
	item := func(s string) {
		if gap {
			b.WriteByte('\n')
		}
		gap = false
		b.WriteString("- " + Escape(s) + "\n")
	}
	for _, l := range lines {
		if l.Text != "" {
			item(l.Sentence())
		}
		switch {
		case l.Command == "":
		case !fits(l.Command):
			item(l.Command)
		default:
			b.WriteString("\n```sh\n" + l.Command + "\n```\n")
			gap = true
		}
	}
	return b.String()
}

// fits reports whether a command can stand in a fence: on one line, without anything
// that isn't printed, and not ending the fence.
func fits(command string) bool {
	return command == clean(command) && !strings.HasPrefix(command, "```")
}

// Escape is flow.Escape of text without the spaces around it.
func Escape(s string) string { return flow.Escape(strings.TrimSpace(s)) }

// clean makes foreign text fit for a line of a terminal: each control character, line
// end and change of direction becomes one visible sign.
func clean(s string) string { return flow.Printable(strings.TrimSpace(s)) }

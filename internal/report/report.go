// Package report writes a report of a capture, for somebody who wasn't there: what fails, for
// whom, and who does what; then the steps, the findings and the evidence for them. [Markdown],
// [Jira], [Slack] and [Text] are for tickets, chats and mails, [HTML] for a browser or paper,
// [CSV] for a spreadsheet, and [Bundle] is a zip of several files.
//
// The same capture gives the same bytes. Text from the network is clipped, and has no
// markup, control or invisible characters. The package does nothing but write to the
// writers it is given.
package report

import (
	"io"

	"detour/internal/flow"
)

// Limits of a report: it is for people, and the capture has everything.
const (
	maxFindings = 20  // in full
	maxLines    = 20  // of each section of a finding
	maxHosts    = 20  // with evidence
	maxAttempts = 24  // connections and addresses of a host
	maxKinds    = 100 // of redacted values
	maxEvents   = 80  // steps, and marked requests
	maxBars     = 40  // rows of the picture
	maxList     = 12  // words of a list
	maxCell     = 300 // runes of a cell
	maxLine     = 1500
	maxCommand  = 8000 // bytes
)

// Markdown writes the report of a capture as Markdown (GFM, for its tables), for a ticket. The
// error is w's, as for all of them.
func Markdown(w io.Writer, c *flow.Capture) error { return inMarkdown().to(w, c) }

// Text writes the report as plain text in short lines, for a mail.
func Text(w io.Writer, c *flow.Capture) error { return inPlainText().to(w, c) }

// Jira writes the report in Jira's wiki markup, for a description or comment there.
func Jira(w io.Writer, c *flow.Capture) error { return inJira().to(w, c) }

// Slack writes what has to be known of a capture in Slack's mrkdwn, for a message: it is short,
// and says how to get the rest.
func Slack(w io.Writer, c *flow.Capture) error { return inSlack().to(w, c) }

func (s style) to(w io.Writer, c *flow.Capture) error {
	_, err := io.WriteString(w, s.write(newDocument(c)))
	return err
}

// HTML writes the report of a capture as one HTML file, for the screen and for paper.
// It loads nothing, and runs nothing but the script that copies commands. The error is
// w's.
func HTML(w io.Writer, c *flow.Capture) error {
	return writeHTML(w, newDocument(c))
}

// Package report writes a report of a capture, for somebody who wasn't there: what fails, for
// whom, and who does what; then the steps, the findings and the evidence for them. [Markdown],
// [Jira], [Slack] and [Text] are for tickets, chats and mails, [CSV] is for a spreadsheet, and [Bundle]
// is a zip of several files. [Of] has the report as values, for formats that other packages write.
//
// The same capture gives the same bytes. Text from the network is clipped, and has no
// markup, control or invisible characters. The package does nothing but write to the
// writers it is given.
package report

import (
	"io"
)

// Limits of a report: it is for people, and the capture has everything.
const (
	maxFindings = 20   // in full
	maxAlone    = 100  // one at a time
	maxLines    = 20   // of each section of a finding
	maxHosts    = 20   // with evidence
	maxAttempts = 24   // connections and addresses of a host
	maxKinds    = 100  // of redacted values
	maxEvents   = 80   // steps, and marked requests
	maxBars     = 40   // rows of the picture
	maxList     = 12   // words of a list
	maxCommand  = 8000 // bytes
)

// The longest texts that a report shows, in runes; a longer one is cut.
const (
	MaxLine = 1500 // a sentence
	MaxCell = 300
)

// Markdown writes a report as Markdown (GFM, for its tables), for a ticket. The error is w's, as for
// all of them.
func Markdown(w io.Writer, d Document) error { return inMarkdown().to(w, d) }

// Text writes a report as plain text in short lines, for a mail.
func Text(w io.Writer, d Document) error { return inPlainText().to(w, d) }

// Jira writes a report in Jira's wiki markup, for a description or comment there.
func Jira(w io.Writer, d Document) error { return inJira().to(w, d) }

// Slack writes what has to be known of a report in Slack's mrkdwn, for a message: it is short,
// and says how to get the rest.
func Slack(w io.Writer, d Document) error { return inSlack().to(w, d) }

func (s style) to(w io.Writer, d Document) error {
	_, err := io.WriteString(w, s.write(d))
	return err
}

// Package report writes a report of a capture, for somebody who wasn't there: the findings,
// the evidence for them, and who has to act. [Markdown] is for a ticket, [HTML] for a browser
// or paper, [CSV] for a spreadsheet, and [Bundle] is a zip of several files.
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
	maxCalls    = 100 // rows of the table of affected calls
	maxHosts    = 20  // with evidence
	maxAttempts = 24  // of a host
	maxEvents   = 80  // rows of the timeline
	maxBars     = 40  // rows of the picture
	maxList     = 12  // words of a list
	maxCell     = 300 // runes of a cell
	maxLine     = 1500
	maxCommand  = 8000 // bytes
)

// Markdown writes the report of a capture as Markdown (GFM, for its tables). The
// error is w's.
func Markdown(w io.Writer, c *flow.Capture) error {
	_, err := io.WriteString(w, markdown(newDocument(c)))
	return err
}

// HTML writes the report of a capture as one HTML file, for the screen and for paper.
// It loads nothing, and runs nothing but the script that copies commands. The error is
// w's.
func HTML(w io.Writer, c *flow.Capture) error {
	return writeHTML(w, newDocument(c))
}

// Package report writes a capture down for somebody who wasn't there: what was
// seen and what it is consistent with, the evidence for it, and who could do
// what about it.
//
// It is pure but for the writer: the same capture gives the same bytes. Text from
// the network is clipped and has no markup, control or invisible characters in it.
package report

import (
	"io"

	"detour/internal/flow"
)

// Bounds of a report: it is for people, and the capture has all of it.
const (
	maxFindings = 20  // that are told in full
	maxLines    = 20  // of each section of a finding
	maxCalls    = 100 // rows of the table of affected calls
	maxHosts    = 20  // whose evidence is told
	maxAttempts = 24  // of a host
	maxEvents   = 80  // rows of the timeline
	maxBars     = 40  // rows of the picture
	maxList     = 12  // words of an enumeration
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

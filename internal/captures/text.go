package captures

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// Total is the size of captures in bytes.
func Total(all []*Capture) (size int64) {
	for _, c := range all {
		size += c.Size
	}
	return size
}

// Summary is the number and the size of captures: "3 captures (1.2 MB)". Files that aren't
// captures don't count.
func Summary(all []*Capture) string {
	all = slices.DeleteFunc(slices.Clone(all), func(c *Capture) bool { return c.State == Foreign })
	return wording.Count(len(all), "capture") + " (" + wording.Bytes(Total(all)) + ")"
}

// nameLayout is what the name of a capture begins with, if detour chose it.
const nameLayout = "2006-01-02T1504"

// Table returns a line of heads and one for each capture.
func Table(all []*Capture) (lines []string) {
	rows := [][]string{{"FILE", "LASTED", "SIZE", "FLOWS", "STATE", "FINDINGS"}}
	for _, c := range all {
		rows = append(rows, []string{c.Name(), c.duration(), wording.Bytes(c.Size), c.flows(), string(c.State), c.Remarks()})
	}
	var widths [6]int
	for _, r := range rows {
		for i, text := range r {
			widths[i] = max(widths[i], len([]rune(text)))
		}
	}
	for _, r := range rows {
		line := fmt.Sprintf("%-*s  %*s  %*s  %*s  %-*s  %s",
			widths[0], r[0], widths[1], r[1], widths[2], r[2], widths[3], r[3], widths[4], r[4], r[5])
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// Name is the name of the file, as it can be printed.
func (c *Capture) Name() string { return flow.Printable(filepath.Base(c.Path)) }

func (c *Capture) duration() string {
	if d := c.Lasted(); d > 0 {
		return wording.Running(d)
	}
	return "-"
}

func (c *Capture) flows() string {
	if c.State == Foreign || c.State == Unreadable {
		return "-"
	}
	return wording.Number(c.Flows)
}

// Remarks are what is worth knowing of a capture besides its size: findings, pending flows, and
// what it contains. A run's time is one if the file's name doesn't have it.
func (c *Capture) Remarks() string {
	var parts []string
	add := func(yes bool, text string) {
		if yes {
			parts = append(parts, text)
		}
	}
	add(c.Why != "", c.Why)
	add(c.RawSecrets, "SECRETS STORED")
	add(c.Simulated, "demo")
	add(len(c.Problems) > 0, c.Findings())
	add(c.Pending > 0, wording.Count(c.Pending, "flow")+" pending")
	add(c.Strict, "strict privacy")
	add(!strings.HasPrefix(c.Name(), c.When().Local().Format(nameLayout)), "of "+Clock(c.When()))
	return strings.Join(parts, "; ")
}

// Findings are the problems in short; "" if there are none.
func (c *Capture) Findings() string {
	switch len(c.Problems) {
	case 0:
		return ""
	case 1:
		return c.Problems[0]
	}
	return wording.Count(len(c.Problems), "problem") + ": " + c.Problems[0]
}

// Clock is an instant for a person at this machine.
func Clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

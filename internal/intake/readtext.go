package intake

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"detour/internal/charset"
	"detour/internal/flow"
	"detour/internal/har"
	"detour/internal/wording"
)

// linesCreator is the Creator of JSON Lines.
const linesCreator = "detour, as JSON Lines"

// text reads a HAR or JSON Lines. With an error, it returns what it read before.
func (r Reader) text(path string, file io.Reader) (*flow.Capture, error) {
	cfg := Config{Tables: r.Tables}
	if !r.Whole { // no rule uses them, and they are most of a HAR
		cfg.KeepBodies, cfg.DropHeaders = func(*flow.Flow) bool { return false }, true
	}
	in, got := New(cfg), &flow.Capture{File: path}
	emit := func(f *flow.Flow) error {
		in.into(got, f)
		return nil
	}
	text := charset.UTF8(file)
	if isLines(text) {
		got.Creator = linesCreator
		bad, err := decodeLines(text, emit)
		got.Unread.Flows = bad.n
		if bad.n > 0 {
			r.notice(path, "%s can't be read: %v", wording.Count(bad.n, "line"), bad.why)
		}
		got.Redacted = in.Redacted()
		if err == nil && len(got.Flows) == 0 && bad.n > 0 {
			err = fmt.Errorf("no line can be read: %w", bad.why)
		}
		return got, err
	}
	info, err := har.Decode(text, emit)
	for _, note := range info.Notes {
		r.notice(path, "%s", note)
	}
	if info.Skipped > 0 {
		r.notice(path, "skipped %s", wording.Count(info.Skipped, "entry"))
	}
	if own := info.Capture; own != nil {
		own.Flows, own.File, got = got.Flows, path, own
		redactAbout(got, in.Text, false)
	}
	if got.Creator = program(in.Text(info.Creator), false); got.Redacted == nil || got.RawSecrets {
		got.Redacted = in.Redacted()
	}
	got.RawSecrets = false // they are redacted now
	got.Unread.Flows = info.Skipped
	return got, err
}

// into prepares a flow of a file and adds it to those before it, whose IDs are lower.
func (in *Intake) into(c *flow.Capture, f *flow.Flow) {
	prepared := in.Take(f)
	if i, ok := slices.BinarySearchFunc(c.Flows, prepared.By, byID); ok && c.Flows[i].AWS != nil {
		c.Flows[i].AWS = c.Flows[i].AWS.Named(prepared.Names)
	}
	c.Flows = append(c.Flows, f)
}

// byID compares the ID of a flow with an ID.
func byID(f *flow.Flow, id flow.ID) int { return cmp.Compare(f.ID, id) }

package intake

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"detour/internal/flow"
	"detour/internal/har"
	"detour/internal/wording"
)

// text reads a HAR or JSON Lines. With an error, it returns what it read before.
func (r Reader) text(path string, file *bufio.Reader) (*flow.Capture, error) {
	cfg := Config{Tables: r.Tables}
	if !r.Whole { // no rule uses them, and they are most of a HAR
		cfg.KeepBodies, cfg.DropHeaders = func(*flow.Flow) bool { return false }, true
	}
	in, got := New(cfg), &flow.Capture{File: path}
	emit := func(f *flow.Flow) error {
		in.into(got, f)
		return nil
	}
	if begins, _ := file.Peek(8); bytes.HasPrefix(begins, []byte(`{"v":1,`)) {
		got.Creator = "detour, as JSON Lines"
		err := decodeLines(file, emit)
		got.Redacted = in.Redacted()
		return got, err
	}
	info, err := har.Decode(file, emit)
	for _, note := range info.Notes {
		r.notice(path, "%s", note)
	}
	if info.Skipped > 0 {
		r.notice(path, "skipped %s", wording.Count(info.Skipped, "entry"))
	}
	if own := info.Capture; own != nil {
		own.Flows, own.File, got = got.Flows, path, own
		redactAbout(got, in.Text)
	}
	if got.Creator = in.Text(info.Creator); got.Redacted == nil || got.RawSecrets {
		got.Redacted = in.Redacted()
	}
	got.RawSecrets = false // they are redacted now
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

// decodeLines reads flow records, one a line. The last revision of a flow counts.
func decodeLines(in io.Reader, emit func(*flow.Flow) error) error {
	dec := json.NewDecoder(in)
	newest := make(map[flow.ID]*flow.Flow)
	var torn error
	for n := 1; torn == nil; n++ {
		var r flow.Record
		if torn = dec.Decode(&r); torn != nil {
			torn = fmt.Errorf("record %d: %w", n, torn)
			break
		}
		if !r.Valid() {
			torn = fmt.Errorf("record %d: unknown values in a closed set", n)
			break
		}
		if f := r.Flow(); newest[f.ID] == nil || newest[f.ID].Rev <= f.Rev {
			newest[f.ID] = f
		}
	}
	for _, id := range slices.Sorted(maps.Keys(newest)) {
		if err := emit(newest[id]); err != nil {
			return err
		}
	}
	if errors.Is(torn, io.EOF) {
		return nil
	}
	return torn
}

// byID compares the ID of a flow with an ID.
func byID(f *flow.Flow, id flow.ID) int { return cmp.Compare(f.ID, id) }

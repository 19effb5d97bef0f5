package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/aws"
	"detour/internal/capture/disk"
	"detour/internal/diagnose"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/har"
	"detour/internal/redact"
)

// fileHint says what files are read.
const fileHint = "a capture of detour's, its JSON Lines, or a HAR: developer tools, Network, save all as HAR"

// oneFile accepts one argument. example is how it is given.
func oneFile(example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage(example, "one file is wanted, got %d", len(args))
		}
		return nil
	}
}

// A reading says how a file is read.
type reading struct {
	tables *aws.Tables
	keep   filter.Filter
	marked bool // marked flows alone
	whole  bool // headers and bodies are wanted, too
	max    int  // of flows that are taken from a capture; 0: all
	strict bool // what identifies somebody is taken out, too, once the filter has seen it

	stdin io.Reader // what - reads; nil: it is a file of that name
	told  io.Writer // takes what isn't as it should be, a line each
}

// by has a command's streams read and told to.
func (l reading) by(c *cobra.Command) reading {
	l.stdin, l.told = c.InOrStdin(), c.ErrOrStderr()
	return l
}

// read reads a capture, JSON Lines or a HAR: tagged, redacted and judged, as if its
// flows had just passed. What can't be read of a file that is torn, or not before ctx
// ends, is missing, and that is told. - is stdin, which can't be a capture.
func (l reading) read(ctx context.Context, path string) (*flow.Capture, error) {
	in := l.stdin
	if path != "-" || in == nil {
		if err := noDirectory(path, fileHint); err != nil {
			return nil, err
		}
		f, err := disk.Open(path)
		if err == nil {
			defer f.Close()
			return l.fromDisk(ctx, f)
		}
		if !errors.Is(err, disk.ErrNotCapture) {
			return nil, usage(fileHint, "%s", flow.Printable(err.Error())) // it may quote the file
		}
		text, err := os.Open(path)
		if err != nil {
			return nil, usage(fileHint, "%w", err)
		}
		defer text.Close()
		in = text
	}
	got, err := l.fromText(path, bufio.NewReaderSize(readUntil{in, ctx.Err}, 1<<16))
	if err != nil && len(got.Flows) == 0 {
		return nil, failed(fileHint, "%s: %w", path, err)
	}
	if err != nil {
		l.mention(path, "%v; what came before is read", err)
	}
	return l.judge(got), nil
}

// A readUntil reads as long as nobody has given up.
type readUntil struct {
	io.Reader
	over func() error
}

func (u readUntil) Read(b []byte) (int, error) {
	if err := u.over(); err != nil {
		return 0, err
	}
	return u.Reader.Read(b)
}

// judge drops what isn't asked for, takes out of the rest what has to be, and says
// what it is consistent with.
func (l reading) judge(c *flow.Capture) *flow.Capture {
	last := lastInstant(c.Flows)
	c.Flows = slices.DeleteFunc(c.Flows, func(f *flow.Flow) bool { return l.marked && !f.Marked || !l.keep.Match(f, last) })
	if l.strict {
		tighten(c)
	}
	c.Findings = diagnose.Run(c.Flows, last)
	return c
}

// fromDisk reads a capture.
func (l reading) fromDisk(ctx context.Context, f *disk.File) (*flow.Capture, error) {
	got, err := f.About(ctx)
	if err != nil {
		return nil, failed(fileHint, "%s: %w", f.Path, err)
	}
	q := disk.Query{Max: l.max, Bodies: l.whole}
	q.Where, q.Args = where(l.keep)
	if l.marked {
		q.Where = strings.TrimPrefix(q.Where+" AND f.marked", " AND ")
	}
	tell := counting(l.told, "flows read")
	err = f.Flows(ctx, q, func(x *flow.Flow) error {
		tell(1)
		if !l.whole {
			x.DropHeaders()
		}
		got.Flows = append(got.Flows, x)
		return nil
	})
	tell(0)
	if err != nil && len(got.Flows) == 0 {
		return nil, failed("sqlite3 FILE .recover may save what is left of a damaged file", "%s: %w", f.Path, err)
	}
	if err != nil {
		l.mention(f.Path, "%v; what came before is read", err)
	}
	if n, err := f.Count(ctx, q); err == nil && n > len(got.Flows) && l.max > 0 {
		l.mention(f.Path, "%d of its %d flows are read: those that failed, and the newest", len(got.Flows), n)
	}
	if got.RawSecrets && !l.strict {
		l.mention(f.Path, "it was recorded with --keep-secrets: it, and what is made of it, holds credentials that work")
	}
	last := lastInstant(got.Flows)
	for i, x := range got.Flows {
		got.Flows[i] = x.CutOff(last)
	}
	return l.judge(got), nil
}

// fromText reads a HAR or JSON Lines.
func (l reading) fromText(path string, in *bufio.Reader) (*flow.Capture, error) {
	got := &flow.Capture{File: path}
	redactor := newRedactor(redact.Options{})
	var pairing aws.Pairing
	emit := func(f *flow.Flow) error {
		l.tables.Tag(f)
		if before, call := pairing.Add(f); before != 0 {
			if i, ok := slices.BinarySearchFunc(got.Flows, before, byID); ok {
				got.Flows[i].AWS = call
			}
		}
		if !l.whole { // no rule looks at them, and they are most of a HAR
			f.DropBodies()
			f.DropHeaders()
		}
		redactor.Flow(f)
		f.Findings = diagnose.Codes(f)
		got.Flows = append(got.Flows, f)
		return nil
	}
	if begins, _ := in.Peek(8); bytes.HasPrefix(begins, []byte(`{"v":1,`)) {
		got.Creator = "detour, as JSON Lines"
		err := decodeLines(in, emit)
		got.Redacted = redactor.Counts()
		return got, err
	}
	info, err := har.Decode(in, emit)
	for _, note := range info.Notes {
		l.mention(path, "%s", note)
	}
	if info.Skipped > 0 {
		l.mention(path, "%d entries were skipped", info.Skipped)
	}
	if own := info.Capture; own != nil {
		own.Flows, own.File, got = got.Flows, path, own
		reword(got, redactor.Text)
	}
	if got.Creator = info.Creator; got.Redacted == nil || got.RawSecrets {
		got.Redacted = redactor.Counts()
	}
	got.RawSecrets = false // they are out now, whatever it was
	return got, err
}

// mention tells of a file what isn't as it should be. The words may be the file's.
func (l reading) mention(path, format string, args ...any) {
	fmt.Fprintln(l.told, "detour: "+flow.Printable(path+": "+fmt.Sprintf(format, args...)))
}

// decodeLines reads flow records, one a line. Of several revisions the last one counts.
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
		if !r.Harmless() {
			torn = fmt.Errorf("record %d: it has words that no record has", n)
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

// byID compares a flow of a file with an ID: they rise.
func byID(f *flow.Flow, id flow.ID) int { return cmp.Compare(f.ID, id) }

// lastInstant is when the last flow ended.
func lastInstant(flows []*flow.Flow) time.Time {
	var last time.Time
	for _, f := range flows {
		for _, at := range []time.Time{f.Times.Start, f.Times.Done} {
			if at.After(last) {
				last = at
			}
		}
	}
	return last
}

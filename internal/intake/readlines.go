package intake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"

	"detour/internal/flow"
)

// firstField is the beginning of a flow record: with spaces as other programs write it.
var firstField = regexp.MustCompile(`^\s*\{\s*"v"\s*:\s*1\s*,`)

// isLines reports whether a file has flow records. Its first line may be damaged; the first
// line of a HAR isn't followed by a record.
func isLines(file *bufio.Reader) bool {
	_, _ = file.Peek(8)
	begin, _ := file.Peek(file.Buffered())
	if firstField.Match(begin) {
		return true
	}
	_, second, _ := bytes.Cut(begin, []byte("\n"))
	return bytes.HasPrefix(second, []byte(`{"v":1,`))
}

// maxLine limits the length of a line, in bytes: a record has 1 MiB at most, and bodies that are
// in base64.
const maxLine = 4 << 20

// A badLines counts the lines that can't be read.
type badLines struct {
	n   int
	why error // of the first
}

func (b *badLines) add(line int, err error) {
	if b.n++; b.why == nil {
		b.why = fmt.Errorf("line %d: %w", line, err)
	}
}

// Reasons why a line isn't a flow record.
var (
	errLong   = fmt.Errorf("longer than %d bytes", maxLine)
	errRecord = errors.New("not a flow record of version 1")
	errWords  = errors.New("unknown values in a closed set")
)

// decodeLines reads flow records, one a line, or as jq writes them, over several lines. The
// last revision of a flow counts. about gets each record that could be read. A line that can't be read is counted; the error means that
// the rest can't be read.
func decodeLines(in *bufio.Reader, about func(*flow.Record), emit func(*flow.Flow) error) (bad badLines, err error) {
	newest := make(map[flow.ID]*flow.Flow)
	take := func(r *flow.Record) error {
		switch {
		case r.V != 1 || r.ID == 0:
			return errRecord
		case !r.Valid():
			return errWords
		}
		about(r)
		if f := r.Flow(); newest[f.ID] == nil || newest[f.ID].Rev <= f.Rev {
			newest[f.ID] = f
		}
		return nil
	}
	if begin, _ := in.Peek(in.Buffered()); spread(begin) {
		err = values(in, &bad, take)
	} else {
		err = lines(in, &bad, take)
	}
	for _, id := range slices.Sorted(maps.Keys(newest)) {
		if err := emit(newest[id]); err != nil {
			return bad, err
		}
	}
	return bad, err
}

// spread reports whether the first record begins with a line that is a brace alone.
func spread(begin []byte) bool {
	first, _, _ := bytes.Cut(bytes.TrimSpace(begin), []byte("\n"))
	return string(bytes.TrimSpace(first)) == "{"
}

// values reads records that are separated by white space.
func values(in io.Reader, bad *badLines, take func(*flow.Record) error) error {
	dec := json.NewDecoder(in)
	for n := 1; ; n++ {
		var r flow.Record
		err := dec.Decode(&r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		var typed *json.UnmarshalTypeError
		if err != nil && !errors.As(err, &typed) {
			return fmt.Errorf("record %d: %w", n, err)
		}
		if err == nil {
			err = take(&r)
		}
		if err != nil {
			bad.add(n, err)
		}
	}
}

// lines reads records, one a line.
func lines(in *bufio.Reader, bad *badLines, take func(*flow.Record) error) error {
	var line []byte
	for n := 1; ; n++ {
		part, err := in.ReadSlice('\n')
		line = append(line[:0], part...)
		for errors.Is(err, bufio.ErrBufferFull) {
			if part, err = in.ReadSlice('\n'); len(line) <= maxLine {
				line = append(line, part...)
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if err := record(text, take); err != nil {
				bad.add(n, err)
			}
		}
		if err != nil {
			return nil //nolint:nilerr // the end of the file
		}
	}
}

func record(line []byte, take func(*flow.Record) error) error {
	if len(line) > maxLine {
		return errLong
	}
	var r flow.Record
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	return take(&r)
}

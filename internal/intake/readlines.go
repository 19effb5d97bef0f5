package intake

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"detour/internal/flow"
	"detour/internal/jsonstream"
	"detour/internal/wording"
)

// maxRecord limits the length of a flow record, in bytes: it has 1 MiB at most, and bodies that
// are in base64.
const maxRecord = 4 << 20

// maxID is the largest integer that every JSON parser represents exactly.
const maxID = 1 << 53

// Reasons why an object isn't a flow record.
var (
	errNoRecord = errors.New("not a flow record")
	errWords    = errors.New("unknown values in a closed set")
	errLong     = fmt.Errorf("longer than %s, which no flow record is", wording.Bytes(maxRecord))
)

// A newerError is the version of a flow record that this version can't read.
type newerError int

// Error says so.
func (v newerError) Error() string {
	return fmt.Sprintf("a flow record of version %d: this version of detour reads version 1", int(v))
}

const updateHint = "update detour, or export it there with --format har"

// records are the flow records of a text, and what of it can't be read.
type records struct {
	runs  []recordedRun
	bad   int   // how many parts can't be read
	why   error // of the first
	short int   // the line of the last record, if it is incomplete; or else 0

	simulated bool // they are of a demo
}

// A recordedRun has the newest revision of the flows of one run.
type recordedRun map[flow.ID]*flow.Flow

// has reports whether the flow may be of this run: another run has other flows with the same
// IDs.
func (r recordedRun) has(f *flow.Flow) bool {
	known := r[f.ID]
	return known == nil || known.Times.Start.Equal(f.Times.Start)
}

// readRecords reads flow records, one a line or laid out in another way; see
// [jsonstream.Reader]. quote prepares a part of the text for an error. The error means that the
// rest can't be read.
func readRecords(in *bufio.Reader, quote func([]byte) string) (*records, error) {
	r := &records{}
	err := jsonstream.NewReader(in, maxRecord).All(func(object []byte, line int) {
		if err := r.take(object); err != nil {
			r.lack(line, err, quote(object))
		}
	}, func(b *jsonstream.BadError) {
		switch {
		case errors.Is(b.Err, jsonstream.ErrTooLong):
			r.lack(b.Line, errLong, quote(b.Text))
		case errors.Is(b.Err, jsonstream.ErrIncomplete) && b.Last:
			r.bad++
			r.short = b.Line
		default:
			r.lack(b.Line, b.Err, quote(b.Text))
		}
	})
	return r, err
}

func (r *records) lack(line int, err error, quoted string) {
	if r.bad++; r.why == nil {
		r.why = fmt.Errorf("line %d: %w: %s", line, err, quoted)
	}
}

// take adds the flow of a record.
func (r *records) take(object []byte) error {
	record, err := parseRecord(object)
	if err != nil {
		return err
	}
	r.simulated = r.simulated || record.Simulated
	f := record.Flow()
	if len(r.runs) == 0 || !r.runs[len(r.runs)-1].has(f) {
		r.runs = append(r.runs, make(recordedRun))
	}
	run := r.runs[len(r.runs)-1]
	if known := run[f.ID]; known == nil || known.Rev <= f.Rev {
		run[f.ID] = f
	}
	return nil
}

// parseRecord reads a flow record.
func parseRecord(object []byte) (*flow.Record, error) {
	var version struct {
		V  json.Number
		ID json.Number
	}
	if json.Unmarshal(object, &version) == nil {
		if v, err := version.V.Int64(); err == nil && v > 1 {
			return nil, newerError(min(v, 1<<20))
		}
	}
	var record flow.Record
	err := json.Unmarshal(object, &record)
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typed):
		return nil, fmt.Errorf("%w: its %s is a %s", errNoRecord, cmp.Or(flow.Printable(typed.Field), "text"), typed.Value)
	case err != nil:
		return nil, fmt.Errorf("not JSON (%w)", err)
	case record.V != 1 || record.ID == 0 || record.ID > maxID:
		return nil, errNoRecord
	case !record.Valid():
		return nil, errWords
	}
	return &record, nil
}

// emit calls emit with the flows, run by run. Their IDs, and those of their connections, are
// raised by those before them.
func (r *records) emit(lastFlow, lastConn flow.ID, emit func(*flow.Flow) error) error {
	for _, run := range r.runs {
		flows, conns := lastFlow, lastConn
		for _, id := range slices.Sorted(maps.Keys(run)) {
			f := run[id]
			if f.ID += flows; f.Conn != nil && f.Conn.ID != 0 {
				f.Conn.ID += conns
				lastConn = max(lastConn, f.Conn.ID)
			}
			for _, c := range f.Unused {
				c.ID += conns
				lastConn = max(lastConn, c.ID)
			}
			lastFlow = f.ID
			if err := emit(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxQuoted is how much of a text an error quotes, in characters.
const maxQuoted = 60

// quoted returns a function that quotes the beginning of a text, without its secrets: they are
// redacted before it is clipped, since a part of one isn't recognised.
func quoted(redact func(string) string) func([]byte) string {
	const window = 4 << 10
	return func(b []byte) string {
		text := redact(string(b[:min(len(b), window)]))
		return `"` + flow.Printable(wording.Clip(string(bytes.TrimSpace([]byte(text))), maxQuoted)) + `"`
	}
}

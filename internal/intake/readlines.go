package intake

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	quick "github.com/go-json-experiment/json"

	"detour/internal/flow"
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

// decode reads a flow record as encoding/json does, which takes much longer. Where the two differ, it is an error
// here: a member that is unknown, twice there or written in another case, and a text that isn't UTF-8. Only an escape
// in a time is an error there (time.Time.UnmarshalJSON), though RFC 8259 allows it in any string.
func decode(object []byte, record *flow.Record) error {
	if quick.Unmarshal(object, record, quick.RejectUnknownMembers(true)) == nil {
		return nil
	}
	*record = flow.Record{}
	return json.Unmarshal(object, record)
}

// parseRecord reads a flow record.
func parseRecord(object []byte) (*flow.Record, error) {
	var record flow.Record
	err := decode(object, &record)
	if err != nil || record.V != 1 {
		if v := versionOf(object); v > 1 {
			return nil, newerError(min(v, 1<<20))
		}
	}
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

// versionOf returns the version of a record whose other members may have changed; 0 if it has none.
func versionOf(object []byte) int64 {
	var version struct {
		V  json.Number
		ID json.Number
	}
	if json.Unmarshal(object, &version) != nil {
		return 0
	}
	v, _ := version.V.Int64()
	return v
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

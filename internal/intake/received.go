package intake

import (
	"errors"

	"detour/internal/flow"
	"detour/internal/redact"
)

var errNotStrict = errors.New("the record isn't redacted strictly")

// Received reads flow records that another detour sends, which has prepared them for somebody
// else. It is safe for concurrent use.
type Received struct{ again *redact.Redactor }

// NewReceived returns a reader of records.
func NewReceived() Received {
	return Received{redact.New(redact.Options{Key: newKey()})}
}

// Flow reads one record as those of a file are read. Its secrets are redacted again: another
// program may have sent it. One that isn't redacted strictly is an error.
func (r Received) Flow(object []byte) (*flow.Flow, error) {
	record, err := parseRecord(object)
	if err != nil {
		return nil, err
	}
	f := record.Flow()
	if !f.Strict {
		return nil, errNotStrict
	}
	r.again.Flow(f)
	bound(f)
	return f, nil
}

// Text redacts the secrets in a text.
func (r Received) Text(s string) string { return r.again.Text(s) }

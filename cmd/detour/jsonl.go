package main

import (
	"encoding/json"
	"io"
)

// newEncoder writes JSON as it is read: & and < need no escapes outside HTML.
func newEncoder(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc
}

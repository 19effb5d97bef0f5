package flow

import "unicode/utf8"

// RecordRequest is the record's "request".
type RecordRequest struct {
	Method   string      `json:"method"`
	URL      string      `json:"url"`
	Proto    string      `json:"proto,omitempty"`
	Headers  [][2]string `json:"headers"`
	BodySize int64       `json:"body_size"`
	RecordBody
}

// RecordBody is the part of a body that was kept, without its content coding.
type RecordBody struct {
	Text      string `json:"body,omitempty"`        // if it is UTF-8
	Base64    []byte `json:"body_base64,omitempty"` // if not
	Truncated bool   `json:"body_truncated,omitempty"`
}

// RecordResponse is the record's "response".
type RecordResponse struct {
	Status   int         `json:"status"`
	Proto    string      `json:"proto,omitempty"`
	Headers  [][2]string `json:"headers"`
	BodySize int64       `json:"body_size"`
	Traits   []Trait     `json:"traits,omitempty"` // facts that the headers show
	RecordBody
}

// RecordFailure is the record's "failure".
type RecordFailure struct {
	Stage       Stage       `json:"stage"`
	Message     string      `json:"message"`
	Plaintext   bool        `json:"plaintext,omitempty"` // the server answered the TLS handshake in plain HTTP
	Reset       bool        `json:"reset,omitempty"`     // the connection was reset after it was made
	Kind        FailureKind `json:"kind,omitempty"`
	NotSent     bool        `json:"not_sent,omitempty"`    // nothing of the request was sent
	Unprocessed bool        `json:"unprocessed,omitempty"` // the server refused to process it, each time it was sent
}

// RecordMessages is the record's "websocket".
type RecordMessages struct {
	Sent      RecordCount `json:"sent"`
	Received  RecordCount `json:"received"`
	CloseCode int         `json:"close_code,omitempty"`
	ClosedBy  Side        `json:"closed_by,omitempty"`
}

// RecordCount counts the messages of one direction.
type RecordCount struct {
	Messages int64 `json:"messages"`
	Bytes    int64 `json:"bytes"`
}

func recordBody(b []byte, truncated bool) RecordBody {
	if utf8.Valid(b) {
		return RecordBody{Text: string(b), Truncated: truncated}
	}
	return RecordBody{Base64: b, Truncated: truncated}
}

func pairs(hs []Header) [][2]string {
	out := make([][2]string, len(hs))
	for i, h := range hs {
		out[i] = [2]string{h.Name, h.Value}
	}
	return out
}

package http1

import (
	"errors"
	"strings"

	"detour/internal/flow"
)

// A Framing says how a message's body ends (RFC 9112, 6).
type Framing struct {
	Kind   Kind
	Length int64 // with WithLength
}

// A Kind is one of the ways in which a body ends.
type Kind uint8

// The kinds.
const (
	None       Kind = iota // there is no body
	WithLength             // after Framing.Length bytes
	Chunked                // with the last chunk
	UntilClose             // with the connection
)

var (
	errLength = errors.New("malformed Content-Length")
	errCoding = errors.New("unsupported transfer coding")
	errHosts  = errors.New("more than one Host")
	errFramer = errors.New("a trailer that decides where the body ends")
)

// framingFields are the fields that decide on a body.
type framingFields struct {
	length  int64
	text    string // of Content-Length
	lengths int    // how many lines of it
	coding  string // of Transfer-Encoding
	codings int    // how many lines of it
	hosts   int    // how many lines of Host
	trailer bool   // Trailer announces one of these fields, or itself
}

func readFraming(fields []flow.Header) (f framingFields, err error) {
	for i := range fields {
		switch h := &fields[i]; {
		case Is(h.Name, "content-length"):
			n, ok := parseDigits(h.Value)
			if !ok || f.lengths > 0 && h.Value != f.text {
				return f, errLength
			}
			f.length, f.text, f.lengths = n, h.Value, f.lengths+1
		case Is(h.Name, "transfer-encoding"):
			f.coding, f.codings = h.Value, f.codings+1
		case Is(h.Name, "host"):
			f.hosts++
		case Is(h.Name, "trailer"):
			f.trailer = f.trailer || Lists(h.Value, "content-length") || Lists(h.Value, "transfer-encoding") || Lists(h.Value, "trailer")
		}
	}
	return f, nil
}

// requestFraming returns the framing of a request with these fields. More than one statement
// of it, or of the host, is an error: where proxies and servers read them differently, one request can be taken
// for two (RFC 9112, 11.2).
func requestFraming(fields []flow.Header, minor int) (Framing, error) {
	f, err := readFraming(fields)
	switch {
	case err != nil:
		return Framing{}, err
	case f.hosts > 1:
		return Framing{}, errHosts
	case f.lengths+f.codings > 1, len(f.text) > 1 && f.text[0] == '0': // octal to some
		return Framing{}, errLength
	case f.codings == 1 && (minor == 0 || !Is(f.coding, "chunked")):
		return Framing{}, errCoding
	case f.codings == 1:
		return Framing{Kind: Chunked}, nil
	case f.length > 0:
		return Framing{WithLength, f.length}, nil
	}
	return Framing{}, nil
}

// Framing returns the framing of the response to a request with this method. It must not be
// an interim one.
func (r *Response) Framing(method string) (Framing, error) {
	f, err := readFraming(r.Fields)
	switch {
	case err != nil:
		return Framing{}, err
	case f.codings == 1 && f.trailer:
		return Framing{}, errFramer
	case r.Status == 204 || r.Status == 304:
		return Framing{}, nil
	case f.codings > 1 || f.codings == 1 && (r.Minor == 0 || !Is(f.coding, "chunked")):
		return Framing{}, errCoding
	case f.codings == 1 && method == "HEAD":
		return Framing{}, nil
	case f.codings == 1: // overrides Content-Length (RFC 9112, 6.3)
		return Framing{Kind: Chunked}, nil
	case method == "HEAD":
		return Framing{}, nil
	case f.lengths > 0:
		return Framing{WithLength, f.length}, nil
	}
	return Framing{Kind: UntilClose}, nil
}

// Closes reports whether the connection ends after the response (RFC 9112, 9.3).
func (r *Response) Closes() bool {
	if r.Minor == 0 {
		return true
	}
	for i := range r.Fields {
		if h := &r.Fields[i]; Is(h.Name, "connection") && Lists(h.Value, "close") {
			return true
		}
	}
	return false
}

// Lists reports whether a comma-separated value contains a token, which is in lower case.
func Lists(value, token string) bool {
	for more := true; more; {
		var t string
		t, value, more = strings.Cut(value, ",")
		if Is(trim(t), token) {
			return true
		}
	}
	return false
}

// Is reports whether a name is this one, which is in lower case. What folds to ASCII from
// outside it, such as the Kelvin sign, has another length.
func Is(name, lower string) bool {
	return len(name) == len(lower) && strings.EqualFold(name, lower)
}

// maxDigits keeps a length far below the largest int64.
const maxDigits = 15

func parseDigits(s string) (n int64, ok bool) {
	if s == "" || len(s) > maxDigits {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, true
}

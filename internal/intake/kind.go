package intake

import (
	"bufio"
	"bytes"
	"slices"

	"detour/internal/charset"
	"detour/internal/jsonstream"
)

// A kind is what a text is, by what it says. A higher one has more of a capture.
type kind int

const (
	unknownKind kind = iota // it may be a HAR that begins in an unusual way
	foreignKind
	recordsKind
	harKind
	captureKind
)

// rank is the kind of a text in an archive; 0 if it isn't worth reading.
func rank(begin []byte) int {
	k, _ := kindOf(beginning(charset.UTF8(bytes.NewReader(begin))))
	if k <= foreignKind {
		return 0
	}
	return int(k)
}

// beginning returns the beginning of a text without consuming it: as much as fits into the buffer.
func beginning(text *bufio.Reader) []byte {
	begin, _ := text.Peek(text.Size())
	return begin
}

// kindOf returns the kind of a text that begins so, and what else it is if it is foreign.
func kindOf(begin []byte) (kind, foreign) {
	if bytes.HasPrefix(begin, []byte("SQLite format 3\x00")) {
		return captureKind, foreign{}
	}
	names, values := jsonstream.Keys(begin)
	switch i := slices.Index(names, "log"); {
	case i >= 0 && values[i] == '{':
		return harKind, foreign{}
	case len(names) == 0:
		return unlike(foreignText(begin))
	}
	if f, is := foreignObject(names); is {
		return foreignKind, f
	}
	if isRecord(names, values) {
		return recordsKind, foreign{}
	}
	return unknownKind, foreign{}
}

func unlike(f foreign, is bool) (kind, foreign) {
	if is {
		return foreignKind, f
	}
	return unknownKind, foreign{}
}

// isRecord reports whether an object with these members is a flow record, of any version. Other
// programs write the members in another order, and the beginning of a long one doesn't have
// them all.
func isRecord(names []string, values []byte) bool {
	if i := slices.Index(names, "v"); i >= 0 && values[i] >= '0' && values[i] <= '9' {
		return true
	}
	own := []string{
		"id", "rev", "final", "source", "started", "origin", "why", "aws", "request", "response", "failure", "connection",
		"timings", "moments_ms", "marked", "findings", "note", "later", "page", "exporter", "unused_connections",
	}
	n := 0
	for _, name := range names {
		if slices.Contains(own, name) {
			n++
		}
	}
	return n >= 2
}

package har

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a file as UTF-8, without a byte order mark, which Fiddler writes. It converts
// UTF-16, which PowerShell writes when it redirects output.
func text(r io.Reader) *bufio.Reader {
	in := bufio.NewReaderSize(r, 1<<16)
	begin, _ := in.Peek(3)
	switch {
	case bytes.HasPrefix(begin, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = in.Discard(3)
		return in
	case bytes.HasPrefix(begin, []byte{0xFF, 0xFE}):
		_, _ = in.Discard(2)
		return bufio.NewReaderSize(&utf16Reader{in: in, order: binary.LittleEndian}, 1<<16)
	case bytes.HasPrefix(begin, []byte{0xFE, 0xFF}):
		_, _ = in.Discard(2)
		return bufio.NewReaderSize(&utf16Reader{in: in, order: binary.BigEndian}, 1<<16)
	}
	return in
}

// A utf16Reader reads UTF-16 as UTF-8.
type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	kept  []byte // bytes that didn't fit
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	var err error
	for len(u.kept) < len(p) && err == nil {
		var r rune
		if r, err = u.rune(); err == nil {
			u.kept = utf8.AppendRune(u.kept, r)
		}
	}
	if len(u.kept) == 0 {
		return 0, err
	}
	n := copy(p, u.kept)
	u.kept = append(u.kept[:0], u.kept[n:]...)
	return n, nil // the error is returned again
}

// rune reads one character; half a surrogate pair is U+FFFD.
func (u *utf16Reader) rune() (rune, error) {
	b, err := u.in.Peek(2)
	if err != nil {
		return 0, err
	}
	r := rune(u.order.Uint16(b))
	_, _ = u.in.Discard(2)
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	b, err = u.in.Peek(2)
	if err != nil {
		return utf8.RuneError, nil //nolint:nilerr // the error is returned again
	}
	if r = utf16.DecodeRune(r, rune(u.order.Uint16(b))); r != utf8.RuneError {
		_, _ = u.in.Discard(2)
	}
	return r, nil
}

// A number may be written as a string, and may be invalid.
type number struct {
	v  float64
	is bool
}

// UnmarshalJSON never fails: an invalid number is absent.
func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `" `), 64)
	*n = number{}
	if err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		*n = number{v, true}
	}
	return nil
}

// count returns a size or a status; 0 if it is absent.
func (n number) count() int64 {
	return int64(max(0, min(n.v, 1<<53)))
}

// A word is a string that may be written as a number, and may be invalid.
type word string

// UnmarshalJSON never fails: an invalid word is empty.
func (w *word) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case len(b) == 0 || b[0] == '{' || b[0] == '[' || string(b) == "null":
	case b[0] != '"':
		s = string(b)
	case json.Unmarshal(b, &s) != nil:
		s = ""
	}
	*w = word(s)
	return nil
}

// Package charset reads text as UTF-8, whichever Unicode encoding form it is in: [UTF8].
package charset

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// UTF8 reads text that begins with an ASCII character as UTF-8, without a byte order mark. It
// converts UTF-16, which PowerShell writes when it redirects output: with a byte order mark,
// or known by the zero byte of its first character.
func UTF8(r io.Reader) *bufio.Reader {
	in := bufio.NewReaderSize(r, bufferSize)
	begin, _ := in.Peek(2)
	if bytes.HasPrefix(begin, []byte{0xEF, 0xBB}) {
		begin, _ = in.Peek(3)
	}
	switch {
	case bytes.HasPrefix(begin, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = in.Discard(3)
	case bytes.HasPrefix(begin, []byte{0xFF, 0xFE}):
		_, _ = in.Discard(2)
		return utf16From(in, binary.LittleEndian)
	case bytes.HasPrefix(begin, []byte{0xFE, 0xFF}):
		_, _ = in.Discard(2)
		return utf16From(in, binary.BigEndian)
	case len(begin) == 2 && begin[0] != 0 && begin[1] == 0:
		return utf16From(in, binary.LittleEndian)
	case len(begin) == 2 && begin[0] == 0 && begin[1] != 0:
		return utf16From(in, binary.BigEndian)
	}
	return in
}

// bufferSize is how much is read at once, in bytes.
const bufferSize = 1 << 16

func utf16From(in *bufio.Reader, order binary.ByteOrder) *bufio.Reader {
	return bufio.NewReaderSize(&utf16Reader{in: in, order: order}, bufferSize)
}

// A utf16Reader reads UTF-16 as UTF-8.
type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	kept  []byte // bytes that didn't fit
}

// Read returns what is there, and waits only if nothing is.
func (u *utf16Reader) Read(p []byte) (int, error) {
	var err error
	for len(u.kept) < len(p) && err == nil && (len(u.kept) == 0 || u.in.Buffered() > 1) {
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

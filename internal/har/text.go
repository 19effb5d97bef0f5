package har

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
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

package har

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
)

// errTooLarge says that a value exceeds the limit and was skipped.
var errTooLarge = errors.New("too large")

// A scanner finds the ends of JSON values, so that a file of any size can be read one
// value at a time. It doesn't validate values. It skips comments, and a comma before the end
// of a list or an object, which people and scripts leave in files.
type scanner struct {
	r   *bufio.Reader
	at  int64 // bytes read
	buf []byte
}

// next returns the next byte that isn't white space or part of a comment, without consuming
// it. At the end of the file, the error is io.ErrUnexpectedEOF.
func (s *scanner) next() (byte, error) {
	for {
		c, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return 0, io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, err
		}
		switch c {
		case ' ', '\t', '\r', '\n':
			s.at++
			continue
		case '/':
			s.at++
			if err := s.comment(); err != nil {
				return 0, err
			}
			continue
		}
		return c, s.r.UnreadByte()
	}
}

// comment skips the rest of a comment, after its first slash.
func (s *scanner) comment() error {
	kind, err := s.r.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	s.at++
	if kind != '/' && kind != '*' {
		return fmt.Errorf("%q where a value is expected", '/')
	}
	for last := byte(0); ; {
		c, err := s.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && kind == '/':
			return nil
		case errors.Is(err, io.EOF):
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
		s.at++
		if kind == '/' && c == '\n' || kind == '*' && last == '*' && c == '/' {
			return nil
		}
		last = c
	}
}

func (s *scanner) expect(want byte) error {
	c, err := s.next()
	if err != nil {
		return err
	}
	if c != want {
		return fmt.Errorf("%q where %q is expected", c, want)
	}
	s.discard(1)
	return nil
}

// more reports whether another item comes before end, which is consumed.
func (s *scanner) more(first bool, end byte) (bool, error) {
	c, err := s.next()
	switch {
	case err != nil:
		return false, err
	case c == end:
		s.discard(1)
		return false, nil
	case first:
		return true, nil
	}
	if err := s.expect(','); err != nil {
		return false, err
	}
	if c, err = s.next(); err != nil {
		return false, err
	}
	if c == end {
		s.discard(1)
	}
	return c != end, nil
}

// list calls item at each item of an array, which it has to consume.
func (s *scanner) list(item func() error) error {
	if err := s.expect('['); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more(first, ']')
		if err != nil || !more {
			return err
		}
		if err := item(); err != nil {
			return err
		}
	}
}

// value consumes a value and returns its bytes, which are valid until the next call. If
// they exceed limit, the error is errTooLarge.
func (s *scanner) value(limit int) ([]byte, error) {
	if _, err := s.next(); err != nil {
		return nil, err
	}
	s.buf = s.buf[:0]
	var e ending
	for size := 0; ; {
		if _, err := s.r.Peek(1); errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		} else if err != nil {
			return nil, err
		}
		chunk, _ := s.r.Peek(s.r.Buffered())
		n, done := e.find(chunk)
		if size += n; size <= limit {
			s.buf = append(s.buf, chunk[:n]...)
		} else {
			s.buf = nil // may be large
		}
		s.discard(n)
		switch {
		case !done:
		case size > limit:
			return nil, errTooLarge
		case size == 0:
			return nil, errors.New("a value is missing")
		default:
			return s.buf, nil
		}
	}
}

func (s *scanner) discard(n int) {
	n, _ = s.r.Discard(n) // buffered: it never fails
	s.at += int64(n)
}

// An ending finds the end of a value across chunks.
type ending struct {
	depth           int
	quoted, escaped bool
	comment         byte // within a comment: '/' until a line's end, '*' until */; 's' after a slash, 'e' after the *
}

// find returns how many bytes of the chunk belong to the value, and whether it ends there.
func (e *ending) find(chunk []byte) (n int, done bool) {
	for i := 0; i < len(chunk); i++ {
		switch { // most of a HAR is in strings, or white space between values
		case e.quoted && !e.escaped:
			i += plainRun(chunk[i:])
		case !e.quoted && e.depth > 0 && e.comment == 0:
			i += spaceRun(chunk[i:])
		}
		if i == len(chunk) {
			break
		}
		switch c := chunk[i]; {
		case e.comment != 0:
			e.within(c)
		case e.escaped:
			e.escaped = false
		case c == '"':
			if e.quoted = !e.quoted; !e.quoted && e.depth == 0 {
				return i + 1, true
			}
		case e.quoted:
			e.escaped = true // it is a backslash
		case c == '{', c == '[':
			e.depth++
		case c == '}', c == ']':
			if e.depth == 0 {
				return i, true // the end of the container of a number or a word
			}
			if e.depth--; e.depth == 0 {
				return i + 1, true
			}
		case e.depth == 0 && (c == ',' || c == ':' || c == '/' || c == ' ' || c == '\t' || c == '\r' || c == '\n'):
			return i, true
		case c == '/':
			e.comment = 's'
		}
	}
	return len(chunk), false
}

// within consumes a byte of a comment, or what looks like one.
func (e *ending) within(c byte) {
	switch {
	case e.comment == 's' && (c == '/' || c == '*'):
		e.comment = c
	case e.comment == 's', e.comment == '/' && c == '\n', e.comment == 'e' && c == '/':
		e.comment = 0
	case e.comment == '*' && c == '*':
		e.comment = 'e'
	case e.comment == 'e' && c != '*':
		e.comment = '*'
	}
}

// Eight bytes at once: see Hacker's Delight, 6-1, for how a byte is found among them.
const (
	eachOne   = 0x0101010101010101
	eachHigh  = 0x80 * eachOne
	eachQuote = '"' * eachOne
	eachSlash = '\\' * eachOne
	eachSpace = ' ' * eachOne
)

// plainRun returns the number of bytes before a quote or a backslash.
func plainRun(b []byte) int {
	const short = 32 // most strings are short
	n := 0
	for ; n+8 <= min(len(b), short); n += 8 {
		w := binary.LittleEndian.Uint64(b[n:])
		quote, slash := w^eachQuote, w^eachSlash
		if found := ((quote-eachOne)&^quote | (slash-eachOne)&^slash) & eachHigh; found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	const window = 256 // searched again after a backslash
	for ; n < len(b); n += window {
		w := b[n:min(n+window, len(b))]
		end := bytes.IndexByte(w, '"')
		if end < 0 {
			end = len(w)
		}
		if slash := bytes.IndexByte(w[:end], '\\'); slash >= 0 {
			return n + slash
		}
		if end < len(w) {
			return n + end
		}
	}
	return len(b)
}

// spaceRun returns the number of bytes of white space that b begins with.
func spaceRun(b []byte) (n int) {
	for ; n < len(b); n++ {
		for n+8 <= len(b) && binary.LittleEndian.Uint64(b[n:]) == eachSpace {
			n += 8
		}
		if n == len(b) || b[n] != ' ' && b[n] != '\n' && b[n] != '\t' && b[n] != '\r' {
			return n
		}
	}
	return n
}

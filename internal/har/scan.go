package har

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// errTooLarge is of a value that was read over, as it is larger than what is kept.
var errTooLarge = errors.New("too large")

// A scanner finds where JSON values end, so that of a file of any size one value is
// held at a time. Whether a value is well formed inside is for others to say.
type scanner struct {
	r   *bufio.Reader
	at  int64 // bytes read
	buf []byte
}

// next is the next byte that isn't space. It is not consumed.
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
		}
		return c, s.r.UnreadByte()
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
	return true, s.expect(',')
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

// value consumes a value and gives its bytes, which hold until the next call. Of
// one with more than limit bytes none are kept, and the error is errTooLarge.
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
			return nil, errors.New("no value where one is expected")
		default:
			return s.buf, nil
		}
	}
}

func (s *scanner) discard(n int) {
	n, _ = s.r.Discard(n) // of what is buffered
	s.at += int64(n)
}

// An ending looks for the end of a value, chunk by chunk.
type ending struct {
	depth           int
	quoted, escaped bool
}

// find is how many bytes of the chunk belong to the value, and whether it ends there.
func (e *ending) find(chunk []byte) (n int, done bool) {
	for i := 0; i < len(chunk); i++ {
		if e.quoted && !e.escaped { // most of a HAR is in strings
			if i += plainRun(chunk[i:]); i == len(chunk) {
				break
			}
		}
		switch c := chunk[i]; {
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
				return i, true // of what a number or a word stands in
			}
			if e.depth--; e.depth == 0 {
				return i + 1, true
			}
		case e.depth == 0 && (c == ',' || c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n'):
			return i, true
		}
	}
	return len(chunk), false
}

// plainRun is how many bytes come before a quote or a backslash.
func plainRun(b []byte) int {
	const window = 256 // what is looked at again after a backslash
	for n := 0; n < len(b); n += window {
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

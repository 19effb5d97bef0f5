// Package jsonstream reads the JSON objects of a text one at a time, whichever way a program
// laid them out: one a line (JSON Lines), over several lines, one after the other, or in an
// array. It goes on after what isn't an object, such as the end of a file that was cut off.
package jsonstream

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Reasons why a part of a text isn't an object.
var (
	ErrIncomplete = errors.New("it ends in the middle of an object")
	ErrTooLong    = errors.New("the object is too long")
	ErrNotObject  = errors.New("not a JSON object")
)

// A BadError is a part of a text that isn't an object. What comes after it can be read.
type BadError struct {
	Line int    // where it begins; the first line is 1
	Text []byte // its beginning, as it is in the text; at most 4 KiB
	Err  error  // one of the errors above
	Last bool   // nothing comes after it
}

// Error returns the reason.
func (b *BadError) Error() string { return b.Err.Error() }

// Unwrap returns Err.
func (b *BadError) Unwrap() error { return b.Err }

// A Reader reads objects. It holds one object at a time. It isn't safe for concurrent use.
type Reader struct {
	in  *bufio.Reader
	max int

	rest     []byte // what isn't read yet of the last fragment of a line
	line     int    // that rest is part of
	starts   bool   // rest is the beginning of its line
	complete bool   // the last fragment was the end of its line
	ended    error  // of in
	read     int64  // bytes of in so far

	object  []byte // the one that has begun
	began   int    // its line
	first   bool   // all of it is in its first line
	flush   bool   // its first line is a brace alone, and its second line isn't indented
	long    bool   // it is longer than max
	nesting nesting
	usual   []byte // how objects of this text begin; nil: not known
}

// NewReader returns a Reader of UTF-8. An object has at most max bytes.
func NewReader(in *bufio.Reader, maxBytes int) *Reader {
	return &Reader{in: in, max: maxBytes, complete: true}
}

// Next returns the next object, which is valid until the next call, and the line that it
// begins in. It isn't validated: only its braces and brackets match. The error is a
// [*BadError], after which there may be more, or that of the text: io.EOF at its end.
func (r *Reader) Next() (object []byte, line int, err error) {
	for {
		if len(r.rest) == 0 && !r.fill() {
			if r.nesting.depth > 0 {
				return nil, r.began, r.bad(ErrIncomplete)
			}
			return nil, r.line, r.ended
		}
		if r.nesting.depth == 0 {
			if r.rest = bytes.TrimLeft(r.rest, between); len(r.rest) == 0 {
				continue
			}
			if r.rest[0] != '{' {
				return nil, r.line, r.garbage()
			}
			r.begin()
		} else if r.starts && r.another() {
			return nil, r.began, r.bad(ErrIncomplete)
		}
		r.starts = false
		n, done := r.nesting.find(r.rest)
		part := r.rest[:n]
		r.rest = r.rest[n:]
		if r.long = r.long || len(r.object)+n > r.max; !r.long {
			r.object = append(r.object, part...)
		}
		switch {
		case done && r.long:
			return nil, r.began, r.bad(ErrTooLong)
		case done:
			r.learn()
			return r.object, r.began, nil
		case r.nesting.quoted && bytes.HasSuffix(part, []byte("\n")): // a string has no line end
			return nil, r.began, r.bad(ErrIncomplete)
		}
	}
}

// Offset is where the object that Next returned last begins in the text, in bytes. All of it follows there.
func (r *Reader) Offset() int64 { return r.read - int64(len(r.rest)) - int64(len(r.object)) }

// between are the bytes that may be between objects: white space, what an array consists of, the
// separator of a JSON text sequence (RFC 7464), and the byte order mark of a file that was
// appended.
const between = " \t\r\n,[]\x1e\xef\xbb\xbf"

// fill reads the next fragment of a line, and reports whether there is one.
func (r *Reader) fill() bool {
	if r.ended != nil {
		return false
	}
	part, err := r.in.ReadSlice('\n')
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		r.ended = err
	}
	if len(part) == 0 {
		return false
	}
	if r.starts = r.complete; r.starts {
		r.line++
	}
	r.complete = part[len(part)-1] == '\n'
	r.rest = part
	r.read += int64(len(part))
	return true
}

// begin begins an object.
func (r *Reader) begin() {
	r.object, r.began, r.first, r.flush, r.long, r.nesting = r.object[:0], r.line, true, false, false, nesting{}
}

// another reports whether the line that begins is the beginning of another object, because the
// last one was cut off. Within an object, a line that begins with a brace is indented, unless
// its program indents nothing.
func (r *Reader) another() bool {
	if r.first {
		r.first = false
		r.flush = string(bytes.TrimSpace(r.object)) == "{" && r.rest[0] != ' ' && r.rest[0] != '\t'
	}
	return r.rest[0] == '{' && !r.flush
}

// learn remembers how an object begins that is in one line.
func (r *Reader) learn() {
	const length = 6 // {"v":1
	if r.first && len(r.object) > length {
		r.usual = append(r.usual[:0], r.object[:length]...)
	}
}

// maxText limits BadError.Text.
const maxText = 4 << 10

// bad ends the object that has begun. Another object may follow in the same line, if a program
// appended to a file that was cut off.
func (r *Reader) bad(why error) *BadError {
	b := &BadError{Line: r.began, Text: bytes.Clone(r.object[:min(len(r.object), maxText)]), Err: why}
	r.nesting = nesting{}
	if len(r.usual) > 0 && errors.Is(why, ErrIncomplete) && len(r.object) > 0 {
		if i := bytes.Index(r.object[1:], r.usual); i >= 0 {
			r.rest = append(bytes.Clone(r.object[1+i:]), r.rest...)
		}
	}
	b.Last = r.over()
	return b
}

// garbage skips the rest of a line.
func (r *Reader) garbage() *BadError {
	b := &BadError{Line: r.line, Err: ErrNotObject}
	for {
		b.Text = append(b.Text, r.rest[:min(len(r.rest), maxText-len(b.Text))]...)
		r.rest = nil
		if r.complete || !r.fill() {
			break
		}
	}
	b.Last = r.over()
	return b
}

// over reports whether nothing more comes.
func (r *Reader) over() bool {
	if len(r.rest) > 0 {
		return false
	}
	_, err := r.in.Peek(1)
	return r.ended != nil || err != nil
}

// All calls object with each object of a text, and bad with each part that isn't one; see
// [Reader]. Its error is that of object, which ends it, or of the text, except io.EOF.
func (r *Reader) All(object func(object []byte, line int) error, bad func(*BadError)) error {
	for {
		o, line, err := r.Next()
		var wrong *BadError
		switch {
		case err == nil:
			if err := object(o, line); err != nil {
				return err
			}
		case errors.As(err, &wrong):
			bad(wrong)
		case errors.Is(err, io.EOF):
			return nil
		default:
			return err
		}
	}
}

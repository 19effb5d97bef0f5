package remote

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"

	"detour/internal/share"
)

// maxEvent limits the length of an event's data, in bytes: a flow record has 1 MiB at most, and
// bodies that are in base64.
const maxEvent = 4 << 20

// maxField limits the length of an event's number and name.
const maxField = 256

// errTooLong says that an event was longer than maxEvent. The next one can be read.
var errTooLong = errors.New("the event is too long")

// A stream reads Server-Sent Events (html.spec.whatwg.org/multipage/server-sent-events.html, 9.2.6)
// whose lines end in LF or CRLF. It holds one event at a time.
type stream struct {
	in   *bufio.Reader
	seen func() // is called for each line, also of comments; may be nil
}

func newStream(in io.Reader, seen func()) *stream {
	return &stream{bufio.NewReaderSize(in, 64<<10), seen}
}

// next returns the next event. With errTooLong, the event was skipped; any other error ends the
// stream. An event that is cut off by the end isn't one.
func (s *stream) next() (share.Event, error) {
	var e share.Event
	var data []byte
	long, any := false, false
	for {
		line, tooLong, err := s.line()
		if err != nil {
			return share.Event{}, err
		}
		if s.seen != nil {
			s.seen()
		}
		name, value := cutField(line)
		switch {
		case len(line) == 0 && !tooLong && (any || long):
			if e.Data = data; long {
				return e, errTooLong
			}
			return e, nil
		case len(line) == 0 && !tooLong:
		case tooLong || len(data)+len(value) > maxEvent:
			long = true
		case name == "data":
			if any {
				data = append(data, '\n')
			}
			data, any = append(data, value...), true
		case name == "event" && len(value) <= maxField:
			e.Name = share.Name(value)
		case name == "id" && len(value) <= maxField:
			e.Number, _ = strconv.ParseUint(string(value), 10, 64) // 0: it isn't a place to go on from
		}
	}
}

// line reads a line without its end. Of one that is too long, it returns nothing.
func (s *stream) line() (line []byte, tooLong bool, err error) {
	for {
		part, err := s.in.ReadSlice('\n')
		switch {
		case err == nil:
			part = bytes.TrimSuffix(bytes.TrimSuffix(part, []byte("\n")), []byte("\r"))
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, err
		}
		if tooLong = tooLong || len(line)+len(part) > maxEvent+maxField; tooLong {
			line = nil
		} else {
			line = append(line, part...)
		}
		if err == nil {
			return line, tooLong, nil
		}
	}
}

// cutField splits a line at its colon. A comment has no name.
func cutField(line []byte) (name string, value []byte) {
	before, value, _ := bytes.Cut(line, []byte(":"))
	if len(before) > maxField {
		return "", nil
	}
	return string(before), bytes.TrimPrefix(value, []byte(" "))
}

package http1

import (
	"bytes"
	"errors"
	"strconv"

	"detour/internal/flow"
)

// Limits on what a sender puts around the data of its chunks. net/http has the same.
const (
	maxChunkLine = 4 << 10
	maxTrailer   = 4 << 10
	freeOverhead = 16 << 10 // of all chunk lines, beyond one byte for each of data
)

var (
	errChunk   = errors.New("malformed chunked coding")
	errTrailer = errors.New("malformed trailer of a chunked body")
)

// A ChunkReader reads chunked coding (RFC 9112, 7.1) piece by piece. Its zero value is ready to
// use.
type ChunkReader struct {
	Trailer []flow.Header // once Done
	Done    bool

	left     int64 // data of the current chunk
	inChunk  bool  // its line was read, the line end behind its data wasn't
	last     bool  // the last chunk was read, the trailer wasn't
	overhead int64
}

// Next reads from p, and returns data and how many bytes of p it has used. If it has used none
// and returns no error, it needs more than p has. After the end of the body it uses nothing.
func (c *ChunkReader) Next(p []byte) (data []byte, used int, err error) {
	for !c.Done {
		rest := p[used:]
		switch {
		case c.left > 0:
			n := min(int64(len(rest)), c.left)
			c.left -= n
			return rest[:n], used + int(n), nil
		case c.last:
			n, err := c.readTrailer(rest)
			return nil, used + n, err
		case c.inChunk:
			if len(rest) < 2 {
				return nil, used, nil
			}
			if rest[0] != '\r' || rest[1] != '\n' {
				return nil, used, errChunk
			}
			used += 2
			c.inChunk = false
		default:
			n, err := c.readLine(rest)
			if n == 0 || err != nil {
				return nil, used, err
			}
			used += n
		}
	}
	return nil, used, nil
}

// readLine reads the line before the data of a chunk.
func (c *ChunkReader) readLine(p []byte) (int, error) {
	end := bytes.IndexByte(p, '\n')
	if end > maxChunkLine || end < 0 && len(p) > maxChunkLine {
		return 0, errChunk
	}
	if end < 0 {
		return 0, nil
	}
	if end == 0 || p[end-1] != '\r' || bytes.IndexByte(p[:end-1], '\r') >= 0 {
		return 0, errChunk
	}
	digits, _, _ := bytes.Cut(p[:end-1], []byte(";")) // extensions concern a single connection
	size, ok := parseHex(bytes.TrimRight(digits, " \t"))
	if !ok {
		return 0, errChunk
	}
	if c.overhead += int64(end+1) - 16 - 2*size; c.overhead < 0 {
		c.overhead = 0
	} else if c.overhead > freeOverhead {
		return 0, errChunk
	}
	c.left, c.inChunk, c.last = size, size > 0, size == 0
	return end + 1, nil
}

// readTrailer reads the fields after the last chunk.
func (c *ChunkReader) readTrailer(p []byte) (int, error) {
	if len(p) >= 2 && p[0] == '\r' && p[1] == '\n' {
		c.Done = true
		return 2, nil
	}
	n := 0
	if end := bytes.Index(p, []byte("\r\n\r\n")); end >= 0 {
		n = end + 4
	}
	switch {
	case n > maxTrailer || n == 0 && len(p) > maxTrailer:
		return 0, errTrailer
	case n == 0:
		return 0, nil
	}
	fields, err := parseFields(string(p[:n]), true)
	if err != nil {
		return 0, errTrailer
	}
	c.Trailer, c.Done = fields, true
	return n, nil
}

func parseHex(s []byte) (n int64, ok bool) {
	s = trimZeros(s)
	if len(s) == 0 || len(s) > maxDigits {
		return 0, false
	}
	for _, c := range s {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		n = n<<4 | int64(c)
	}
	return n, true
}

// trimZeros removes leading zeros: some servers pad a size to 16 digits.
func trimZeros(s []byte) []byte {
	for len(s) > 1 && len(s) <= 16 && s[0] == '0' {
		s = s[1:]
	}
	return s
}

// AppendChunk appends data as one chunk; none if there is no data, for that would end the body.
func AppendChunk(out, data []byte) []byte {
	if len(data) == 0 {
		return out
	}
	out = strconv.AppendInt(out, int64(len(data)), 16)
	out = append(out, "\r\n"...)
	out = append(out, data...)
	return append(out, "\r\n"...)
}

// AppendField appends a field line.
func AppendField(out []byte, name, value string) []byte {
	out = append(out, name...)
	out = append(out, ": "...)
	out = append(out, value...)
	return append(out, "\r\n"...)
}

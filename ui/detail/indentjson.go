package detail

import (
	"bytes"
	"encoding/json"
)

// indentJSON formats JSON, a member a line. It only looks at brackets, commas and strings,
// so it can handle text that was cut off or isn't quite JSON, and several values in a row.
// JSON within a string, in which the console wraps calls that it relays, is formatted below
// its own line.
func indentJSON(b []byte, s *bodyLayout) { indentWrapped(b, s, maxWrapped) }

// maxWrapped is how many levels of JSON in strings are formatted.
const maxWrapped = 3

func indentWrapped(b []byte, s *bodyLayout, wraps int) {
	w := jsonWriter{bodyLayout: s}
	for i := 0; i < len(b) && !s.full; i++ {
		switch c := b[i]; c {
		case ' ', '\t', '\r', '\n':
			w.space = true
			continue
		case '"':
			w.value()
			end := stringEnd(b, i)
			inner := wrapped(b[i:end])
			if inner == nil || wraps == 0 {
				w.buf = append(w.buf, b[i:end]...)
				i = end - 1
				break
			}
			w.wrapped(inner, wraps-1)
			end += blank(b[end:])
			if end < len(b) && b[end] == ',' {
				end++
			}
			i = end - 1
		case '{', '[':
			w.value()
			w.buf = append(w.buf, c)
			if n := blank(b[i+1:]); i+1+n < len(b) && b[i+1+n] == c+2 { // } is { + 2, ] is [ + 2
				w.buf = append(w.buf, c+2)
				i += 1 + n
				break
			}
			w.flush()
			w.depth++
		case '}', ']':
			w.flush()
			w.depth = max(0, w.depth-1)
			w.buf = append(w.buf, c)
		case ',':
			w.buf = append(w.buf, c)
			w.flush()
		case ':':
			w.buf = append(w.buf, ':', ' ')
		default:
			w.word(c)
		}
		w.space = false
	}
	w.flush()
}

// A jsonWriter has the current line.
type jsonWriter struct {
	*bodyLayout
	buf   []byte
	depth int
	space bool // blanks precede the next part
}

// value begins a string or a collection. At the top level, each begins a line.
func (w *jsonWriter) value() {
	if w.depth == 0 {
		w.flush()
	}
	w.part()
}

// word takes a character of a number, of a word, or of what isn't JSON.
func (w *jsonWriter) word(c byte) {
	if n := len(w.buf); n > 0 && w.depth == 0 && (w.buf[n-1] == '}' || w.buf[n-1] == ']') {
		w.flush()
	}
	w.part()
	w.buf = append(w.buf, c)
}

// part separates words that were separated by blanks.
func (w *jsonWriter) part() {
	if n := len(w.buf); n > 0 && w.space && w.buf[n-1] != ' ' {
		w.buf = append(w.buf, ' ')
	}
}

func (w *jsonWriter) flush() {
	if len(w.buf) > 0 {
		w.add(w.depth, w.buf)
		w.buf = w.buf[:0]
	}
}

// wrapped returns the JSON in a string that begins like an object or a list of objects or
// strings; nil if there is none.
func wrapped(token []byte) []byte {
	begin := token[:min(len(token), 4)]
	if !bytes.HasPrefix(begin, []byte(`"{\"`)) && !bytes.HasPrefix(begin, []byte(`"[{`)) && !bytes.HasPrefix(begin, []byte(`"[\"`)) {
		return nil
	}
	var s string
	if json.Unmarshal(token, &s) != nil { // it was cut off, perhaps within an escape
		if i := bytes.LastIndexByte(token, '\\'); i > len(token)-6 {
			token = token[:i]
		}
		if json.Unmarshal(append(bytes.Clone(token), '"'), &s) != nil {
			return nil
		}
	}
	return []byte(s)
}

// wrapped formats the JSON of a string.
func (w *jsonWriter) wrapped(b []byte, wraps int) {
	w.buf = append(w.buf, "JSON in a string:"...)
	w.flush()
	var inner bodyLayout
	indentWrapped(b, &inner, wraps)
	for _, l := range inner.lines {
		w.add(w.depth, []byte("┆ "+l))
	}
	w.full = w.full || inner.full
}

// stringEnd is where the string that begins at i ends, or the end of b if it was cut off.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// blank is how many blanks b begins with.
func blank(b []byte) int {
	n := 0
	for n < len(b) && (b[n] == ' ' || b[n] == '\t' || b[n] == '\r' || b[n] == '\n') {
		n++
	}
	return n
}

package har

import (
	"bytes"
	"fmt"
)

// repaired returns JSON with what parsers reject and scripts write nevertheless: comments,
// commas before the end of a list or an object, control characters and unknown escapes in
// strings, NaN and similar words of other languages. It doesn't change valid JSON.
func repaired(raw []byte) []byte {
	out := make([]byte, 0, len(raw)+16)
	for i := 0; i < len(raw); {
		switch c := raw[i]; c {
		case '"':
			var n int
			out, n = repairedString(out, raw[i:])
			i += n
		case '/':
			i += commentLength(raw[i:])
		case '}', ']':
			if t := bytes.TrimRight(out, " \t\r\n"); len(t) > 0 && t[len(t)-1] == ',' {
				out = t[:len(t)-1]
			}
			out = append(out, c)
			i++
		default:
			word, n := repairedWord(raw[i:])
			out = append(out, word...)
			i += n
		}
	}
	return out
}

// repairedString appends a string, and returns the length of the original.
func repairedString(out, raw []byte) ([]byte, int) {
	out = append(out, '"')
	for i := 1; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			return append(out, '"'), i + 1
		case c == '\\' && i+1 < len(raw) && bytes.IndexByte([]byte(`"\/bfnrtu`), raw[i+1]) < 0:
			out = append(out, `\\`...) // it escapes nothing
		case c == '\\' && i+1 < len(raw):
			i++
			out = append(out, c, raw[i])
		case c < ' ':
			out = fmt.Appendf(out, `\u%04x`, c)
		default:
			out = append(out, c)
		}
	}
	return out, len(raw)
}

// commentLength returns the length of the comment that raw begins with; 1 if it is none.
func commentLength(raw []byte) int {
	ends := map[string]string{"//": "\n", "/*": "*/"}
	if len(raw) < 2 || ends[string(raw[:2])] == "" {
		return 1
	}
	end := ends[string(raw[:2])]
	if n := bytes.Index(raw[2:], []byte(end)); n >= 0 {
		return 2 + n + len(end)
	}
	return len(raw)
}

// repairedWord returns the byte, or the word, that raw begins with, and its length.
func repairedWord(raw []byte) (word []byte, n int) {
	for n < len(raw) && (raw[n] >= 'a' && raw[n] <= 'z' || raw[n] >= 'A' && raw[n] <= 'Z') {
		n++
	}
	switch string(raw[:n]) {
	case "":
		if n = 1; raw[0] == '-' && bytes.HasPrefix(raw[1:], []byte("Infinity")) {
			return []byte("null"), 1 + len("Infinity")
		}
	case "NaN", "Infinity", "undefined", "None":
		return []byte("null"), n
	case "True":
		return []byte("true"), n
	case "False":
		return []byte("false"), n
	}
	return raw[:n], n
}

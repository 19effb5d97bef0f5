package har

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"detour/internal/flow"
)

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

// A wordOrList is the value of a field: a word, or the array in which an exporter wrote the
// values of several fields with one name.
type wordOrList struct {
	word
	list []string
}

// UnmarshalJSON never fails: an invalid value is empty.
func (w *wordOrList) UnmarshalJSON(b []byte) error {
	*w = wordOrList{}
	if len(b) > 0 && b[0] == '[' {
		_ = json.Unmarshal(b, &w.list)
		w.word = word(strings.Join(w.list, ", "))
		return nil
	}
	return w.word.UnmarshalJSON(b)
}

// values returns the values of the fields that a header is. Exporters join fields with the
// same name: with line breaks as Chromium does, or Set-Cookie into an array or with commas as
// WebKit does. The others may be joined with commas (RFC 9110, 5.3).
func (h header) values() (out []string) {
	cookies := strings.EqualFold(string(h.Name), "Set-Cookie")
	list := h.Value.list
	if list == nil || !cookies {
		list = []string{string(h.Value.word)}
	}
	for _, one := range list {
		switch {
		case cookies:
			out = append(out, flow.SplitSetCookie(one)...)
		case strings.Contains(one, "\n"):
			for line := range strings.SplitSeq(one, "\n") {
				if line = strings.TrimSpace(line); line != "" {
					out = append(out, line)
				}
			}
		default:
			out = append(out, one)
		}
	}
	return out
}

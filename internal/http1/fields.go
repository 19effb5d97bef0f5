package http1

import (
	"strings"

	"detour/internal/flow"
)

// parseFields reads field lines (RFC 9112, 5) up to the empty line at their end. If strict is
// false, a line may end with LF alone.
func parseFields(s string, strict bool) ([]flow.Header, error) {
	if s == "\r\n" || !strict && s == "\n" {
		return nil, nil
	}
	out := make([]flow.Header, 0, strings.Count(s, "\n"))
	var names strings.Builder
	for {
		end := strings.IndexByte(s, '\n')
		if end < 0 {
			return nil, &MalformedError{"field line", s}
		}
		line := s[:end]
		s = s[end+1:]
		if bare := strings.TrimSuffix(line, "\r"); len(bare) < len(line) || !strict {
			line = bare
		} else {
			return nil, &MalformedError{"field line", line}
		}
		if line == "" {
			if s != "" {
				return nil, &MalformedError{"head", s}
			}
			setNames(out, names.String())
			return out, nil
		}
		colon := strings.IndexByte(line, ':')
		if colon < 0 || !isToken(line[:colon]) {
			return nil, &MalformedError{"field line", line}
		}
		value := trim(line[colon+1:])
		if !isValue(value) {
			return nil, &MalformedError{"field line", line}
		}
		names.WriteString(line[:colon])
		out = append(out, flow.Header{Name: line[:colon], Value: strings.Clone(value)}) // what keeps it doesn't keep the head
	}
}

// setNames replaces the names by the same ones in a string of their own, for those in the head
// would keep it in memory.
func setNames(fields []flow.Header, names string) {
	for i := range fields {
		n := len(fields[i].Name)
		fields[i].Name, names = names[:n], names[n:]
	}
}

// unfold replaces the line ends within folded values by a space (RFC 9112, 5.2).
func unfold(s string) string {
	if !strings.Contains(s, "\n ") && !strings.Contains(s, "\n\t") {
		return s
	}
	var b strings.Builder
	for first := true; s != ""; first = false {
		line, rest, _ := strings.Cut(s, "\n")
		if !first && line != "" && (line[0] == ' ' || line[0] == '\t') {
			b.WriteByte(' ')
			line = trim(strings.TrimSuffix(line, "\r"))
		} else {
			if !first {
				b.WriteString("\r\n")
			}
			line = strings.TrimRight(strings.TrimSuffix(line, "\r"), " \t")
		}
		b.WriteString(line)
		s = rest
	}
	return b.String() + "\r\n"
}

// trim removes the optional whitespace around a value.
func trim(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// isValue reports whether a field value has no control characters (RFC 9110, 5.5).
func isValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// isToken reports whether s is a token (RFC 9110, 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		if !tokens[s[i]] {
			return false
		}
	}
	return s != ""
}

var tokens = func() (set [256]bool) {
	for c := range set {
		set[c] = '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' ||
			c < 0x7f && strings.IndexByte("!#$%&'*+-.^_`|~", byte(c)) >= 0
	}
	return set
}()

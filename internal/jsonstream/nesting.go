package jsonstream

import "bytes"

// A nesting finds the end of an object, across fragments.
type nesting struct {
	depth           int
	quoted, escaped bool
}

// find returns how many bytes of the fragment belong to the object, and whether it ends there.
func (s *nesting) find(fragment []byte) (n int, done bool) {
	for i := 0; i < len(fragment); i++ {
		if s.quoted && !s.escaped {
			next := bytes.IndexAny(fragment[i:], "\"\\")
			if next < 0 {
				break
			}
			i += next
		}
		switch c := fragment[i]; {
		case s.escaped:
			s.escaped = false
		case s.quoted && c == '\\':
			s.escaped = true
		case c == '"':
			s.quoted = !s.quoted
		case s.quoted:
		case c == '{', c == '[':
			s.depth++
		case c == '}', c == ']':
			if s.depth--; s.depth == 0 {
				return i + 1, true
			}
		}
	}
	return len(fragment), false
}

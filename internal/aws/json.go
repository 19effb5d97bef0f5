package aws

import (
	"bytes"
	"encoding/json"
)

// members calls visit with each member of a JSON object, which may be truncated, until
// visit returns false. It reads every byte once. Keys are as written, values raw.
func members(b []byte, visit func(key string, value []byte) (more bool)) {
	b = space(b)
	if len(b) == 0 || b[0] != '{' {
		return
	}
	for b = space(b[1:]); len(b) > 0 && b[0] == '"'; b = space(b[1:]) {
		n := valueLength(b)
		if n == 0 {
			return
		}
		key := string(b[1 : n-1])
		if b = space(b[n:]); len(b) == 0 || b[0] != ':' {
			return
		}
		b = space(b[1:])
		n = valueLength(b)
		if n == 0 || !visit(key, b[:n]) {
			return
		}
		if b = space(b[n:]); len(b) == 0 || b[0] != ',' {
			return
		}
	}
}

// elements calls visit with each element of a JSON array, which may be truncated.
func elements(b []byte, visit func(value []byte)) {
	b = space(b)
	if len(b) == 0 || b[0] != '[' {
		return
	}
	for b = space(b[1:]); ; b = space(b[1:]) {
		n := valueLength(b)
		if n == 0 {
			return
		}
		visit(b[:n])
		if b = space(b[n:]); len(b) == 0 || b[0] != ',' {
			return
		}
	}
}

// member returns the value of a member of a JSON object; nil if there is none.
func member(b []byte, name string) (value []byte) {
	members(b, func(key string, v []byte) bool {
		if key == name {
			value = v
		}
		return value == nil
	})
	return value
}

// text returns the value of a JSON string; "" for any other value.
func text(value []byte) string {
	if len(value) < 2 || value[0] != '"' {
		return ""
	}
	inner := value[1 : len(value)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}

func space(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\r' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

// valueLength returns the length of the JSON value that b begins with; 0 if it is
// truncated or absent. Brackets are counted, not matched by kind.
func valueLength(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := stringLength(b[i:])
			if n == 0 {
				return 0
			}
			if i += n - 1; depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // a number at the end of its container
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return i
			}
		}
	}
	return 0
}

// stringLength returns the length of the JSON string that b begins with, including
// quotes; 0 if it is truncated.
func stringLength(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

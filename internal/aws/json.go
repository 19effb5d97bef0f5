package aws

import (
	"bytes"
	"encoding/json"
)

// members calls visit with each member of a JSON object, as far as the object
// goes: bodies may be cut off. It looks at every byte once, keeps nothing, and
// ends when visit says so. Keys are as written, values raw.
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

// elements calls visit with each element of a JSON array, as far as it goes.
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

// member is the value of a member of a JSON object; nil if there is none.
func member(b []byte, name string) (value []byte) {
	members(b, func(key string, v []byte) bool {
		if key == name {
			value = v
		}
		return value == nil
	})
	return value
}

// text is a JSON string's value; "" for any other value.
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

// valueLength is how long the JSON value is that b begins with; 0 if it has no
// end, or there is none. Brackets are counted, not compared.
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
				return i // of a number before the end of what it is in
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

// stringLength is how long the JSON string is that b begins with, quotes
// included; 0 if it has no end.
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

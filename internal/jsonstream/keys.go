package jsonstream

import (
	"bytes"
	"encoding/json"
)

// Keys returns the names of the members of the first object in the beginning of a text that has
// any, in their order, each with the first byte of its value; those that the beginning doesn't
// show are missing. It skips lines that aren't the beginning of an object.
func Keys(begin []byte) (names []string, values []byte) {
	for len(begin) > 0 {
		begin = bytes.TrimLeft(begin, between)
		if len(begin) > 0 && begin[0] == '{' {
			if names, values = members(begin[1:]); len(names) > 0 {
				return names, values
			}
		}
		_, begin, _ = bytes.Cut(begin, []byte("\n"))
	}
	return nil, nil
}

const space = " \t\r\n"

// members returns the members that begin here.
func members(b []byte) (names []string, values []byte) {
	for {
		b = bytes.TrimLeft(b, space)
		end := stringEnd(b)
		if end < 0 {
			return names, values
		}
		var name string
		err := json.Unmarshal(b[:end], &name)
		b = bytes.TrimLeft(b[end:], space)
		if err != nil || len(b) == 0 || b[0] != ':' {
			return names, values
		}
		b = bytes.TrimLeft(b[1:], space)
		if len(b) == 0 {
			return names, values
		}
		names, values = append(names, name), append(values, b[0])
		if b = afterValue(b); len(b) == 0 || b[0] != ',' {
			return names, values
		}
		b = b[1:]
	}
}

// afterValue returns what follows the value that begins here; nothing if its end isn't there.
func afterValue(b []byte) []byte {
	switch b[0] {
	case '{', '[':
		var n nesting
		end, _ := n.find(b)
		b = b[end:]
	case '"':
		end := stringEnd(b)
		if end < 0 {
			return nil
		}
		b = b[end:]
	default: // a number or a word
		end := bytes.IndexAny(b, ",}")
		if end < 0 {
			return nil
		}
		b = b[end:]
	}
	return bytes.TrimLeft(b, space)
}

// stringEnd returns the length of the string that begins here, with its quotes; -1 if none
// does, or its end isn't there.
func stringEnd(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return -1
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		case '\n':
			return -1
		}
	}
	return -1
}

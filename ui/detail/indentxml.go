package detail

import (
	"bytes"
	"strings"
)

// indentXML formats XML, an element a line. An element with only text in it stays on one
// line. It only looks at tags, so it can handle text that was cut off.
func indentXML(b []byte, s *bodyLayout) {
	depth := 0
	var open []byte // a start tag and its text, before the end tag
	flush := func() {
		if open != nil {
			s.add(depth, open)
			depth++
			open = nil
		}
	}
	for len(b) > 0 && !s.full {
		n := xmlToken(b)
		t := bytes.TrimSpace(b[:n])
		b = b[n:]
		switch {
		case len(t) == 0:
		case t[0] != '<' && open != nil:
			open = append(open, bytes.ReplaceAll(t, []byte("\n"), []byte(" "))...)
		case t[0] != '<':
			s.add(depth, t)
		case bytes.HasPrefix(t, []byte("</")) && open != nil:
			s.add(depth, append(open, t...))
			open = nil
		case bytes.HasPrefix(t, []byte("</")):
			depth = max(0, depth-1)
			s.add(depth, t)
		case bytes.HasPrefix(t, []byte("<?")), bytes.HasPrefix(t, []byte("<!")), bytes.HasSuffix(t, []byte("/>")):
			flush()
			s.add(depth, t)
		default:
			flush()
			open = bytes.Clone(t)
		}
	}
	flush()
}

// xmlToken is the length of the tag, comment or text that b begins with.
func xmlToken(b []byte) int {
	upTo := func(end string) int {
		if i := bytes.Index(b, []byte(end)); i >= 0 {
			return i + len(end)
		}
		return len(b)
	}
	switch {
	case b[0] != '<':
		if i := bytes.IndexByte(b, '<'); i >= 0 {
			return i
		}
		return len(b)
	case bytes.HasPrefix(b, []byte("<!--")):
		return upTo("-->")
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		return upTo("]]>")
	}
	quote := byte(0)
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case strings.IndexByte(`"'`, c) >= 0:
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return len(b)
}

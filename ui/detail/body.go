package detail

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode/utf8"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/text"
)

// A body is the body of a request or a response.
type body struct {
	headers   []flow.Header
	kept      []byte // what is stored of it, without content coding; nil: nothing
	size      int64  // on the wire
	truncated bool   // less is stored than was transferred
	masked    bool   // the screen is masked
}

// bodyLines show a body as far as it is stored.
func bodyLines(p *pane.Page, f *flow.Flow, b body) {
	if b.size == 0 && len(b.kept) == 0 {
		return
	}
	p.Head("Body")
	kind := b.kind()
	media, _ := text.Head(cmp.Or(flow.Get(b.headers, "content-type"), "no content type"), text.MaxCell)
	facts := media + ", " + wording.Bytes(b.size) + " on the wire"
	switch {
	case f.CredentialVend:
		p.Add("", facts, pane.Plain)
		p.Add("", "it contains credentials, so it is neither stored nor shown", pane.Warn)
		return
	case b.kept == nil:
		p.Add("", facts, pane.Plain)
		p.Add("", "it isn't stored; --bodies selects which bodies are", pane.Dim)
		return
	}
	if kind.bytes && b.masked { // masking can't find anything in bytes
		p.Add("", facts+", not shown while the screen is masked", pane.Warn)
		return
	}
	p.Add("", facts+", shown as "+kind.name, pane.Plain)
	if b.truncated {
		p.AddPartial("only the first " + wording.Bytes(int64(len(b.kept))) + " are stored")
	}
	addBody(p, b.kept, kind.format)
}

// A bodyKind is a way to format a body.
type bodyKind struct {
	name   string
	format func([]byte, *bodyLayout)
	bytes  bool // shown as bytes, not as text
}

// kind is how to show a body: by its content type, or else by how it begins.
func (b body) kind() bodyKind {
	media, _, _ := strings.Cut(strings.ToLower(flow.Get(b.headers, "content-type")), ";")
	begin := bytes.TrimSpace(b.kept[:min(len(b.kept), 1024)])
	switch {
	case strings.Contains(media, "cbor"):
		return bodyKind{"bytes (CBOR)", hexDump, true}
	case binary(begin):
		return bodyKind{"bytes", hexDump, true}
	case strings.Contains(media, "html"), strings.Contains(media, "javascript"), strings.Contains(media, "css"):
		return bodyKind{"text", plainLines, false}
	case strings.Contains(media, "json"), bytes.HasPrefix(begin, []byte("{")), bytes.HasPrefix(begin, []byte("[")):
		return bodyKind{"formatted JSON", indentJSON, false}
	case strings.Contains(media, "xml"), bytes.HasPrefix(begin, []byte("<?xml")):
		return bodyKind{"formatted XML", indentXML, false}
	case strings.Contains(media, "form-urlencoded"):
		return bodyKind{"a decoded form", formLines, false}
	}
	return bodyKind{"text", plainLines, false}
}

// binary reports whether b, the beginning of a body, isn't text.
func binary(b []byte) bool {
	odd := 0
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == 0 {
			return true
		}
		if r == utf8.RuneError && n == 1 && i < len(b)-utf8.UTFMax || r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			odd++
		}
		i += n
	}
	return odd*10 > len(b)
}

func plainLines(b []byte, s *bodyLayout) {
	for more := true; more && !s.full; {
		var l []byte
		l, b, more = bytes.Cut(b, []byte("\n"))
		s.add(0, bytes.TrimSuffix(l, []byte("\r")))
	}
}

// formLines write a line per field: name = value.
func formLines(b []byte, s *bodyLayout) {
	for more := true; more && !s.full; {
		var field []byte
		field, b, more = bytes.Cut(b, []byte("&"))
		name, value, _ := strings.Cut(string(field), "=")
		if name != "" || value != "" {
			s.add(0, []byte(unescape(name)+" = "+unescape(value)))
		}
	}
}

// unescape returns s itself if its escapes are invalid, for example because it was cut off.
func unescape(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return s
}

// hexDump writes sixteen bytes a line, as hexdump -C does.
func hexDump(b []byte, s *bodyLayout) {
	for l := range strings.Lines(hex.Dump(b[:min(len(b), 16*(maxBodyLines+1))])) {
		s.add(0, []byte(strings.TrimRight(l, "\n")))
	}
}

package redact

import (
	"strings"

	"detour/internal/lazyregexp"
)

var (
	boundary = lazyregexp.New(`(?i)boundary="?([^";,]{1,70})`)
	partName = lazyregexp.New(`(?i)[; ]name="?([^";\r\n]*)`)
)

// multipart redacts the parts of a body (RFC 2046, 5.1) by their types, and removes binary
// ones. parameters are those of the Content-Type.
func (p *pass) multipart(s, parameters string) (out string, ok bool) {
	m := boundary.FindStringSubmatch(parameters)
	if m == nil {
		return "", false
	}
	limit := "--" + strings.TrimSpace(m[1])
	var b strings.Builder
	begin, started := 0, false // of the current part
	for at := 0; at < len(s); {
		end := at + until(s[at:], "\n") + 1
		line := s[at:min(end, len(s))]
		if rest, ok := strings.CutPrefix(line, limit); ok && strings.Trim(rest, "- \t\r\n") == "" {
			if started {
				b.WriteString(p.bodyPart(s[begin:at]))
			} else if strings.TrimSpace(s[:at]) != "" {
				return "", false
			}
			b.WriteString(line)
			begin, started = min(end, len(s)), true
		}
		at = end
	}
	if !started {
		return "", false
	}
	if begin < len(s) {
		b.WriteString(p.bodyPart(s[begin:]))
	}
	return b.String(), true
}

// bodyPart redacts one part: fields, an empty line, the content, a line end. Without an empty
// line, it is truncated and has only fields.
func (p *pass) bodyPart(s string) string {
	gap := "\r\n\r\n"
	head, content, ok := strings.Cut(s, gap)
	if !ok {
		gap = "\n\n"
		head, content, ok = strings.Cut(s, gap)
	}
	name, media := "", ""
	var b strings.Builder
	for line := range strings.Lines(strings.ToValidUTF8(head, "\ufffd")) {
		field, v, isField := strings.Cut(line, ":")
		bare := strings.TrimSpace(v)
		switch field = strings.ToLower(field); {
		case !isField:
			b.WriteString(p.looks(line))
			continue
		case field == "content-disposition":
			if m := partName.FindStringSubmatch(v); m != nil {
				name = m[1]
			}
			b.WriteString(p.text(line))
			continue
		case field == "content-type":
			media = bare
		}
		i := strings.Index(line, bare)
		b.WriteString(line[:i] + p.field(field, bare) + line[i+len(bare):])
	}
	if !ok {
		return b.String()
	}
	b.WriteString(gap)
	end := content[len(strings.TrimRight(content, "\r\n")):]
	content = content[:len(content)-len(end)]
	switch kind := p.hard(name); {
	case content == "":
	case kind != "":
		content = p.secret(name, kind, strings.ToValidUTF8(content, "\ufffd"))
	default:
		content = p.document(content, media)
	}
	b.WriteString(content + end)
	return b.String()
}

package redact

import (
	"strings"

	"detour/internal/flow"
)

// bodies redacts or removes the bodies of f.
func (p *pass) bodies(f *flow.Flow) {
	if p.opt.Fleet {
		f.DropBodies()
		return
	}
	if f.CredentialVend || f.Origin == flow.OriginSignIn || f.AWS != nil && f.AWS.Service == "sts" {
		kept := outline(p, f.Request.Body)
		if string(kept) != string(f.Request.Body) {
			p.dropped(f.Request.Body)
		}
		if f.Response != nil {
			p.dropped(f.Response.Body)
		}
		f.DropBodies()
		f.Request.Body = kept
		return
	}
	f.Request.Body = p.body(f.Request.Body, flow.Get(f.Request.Headers, "Content-Type"))
	if r := f.Response; r != nil && r.Body != nil {
		a := *r
		a.Body = p.body(r.Body, flow.Get(r.Headers, "Content-Type"))
		f.Response = &a
	}
}

// excerpt redacts the beginning of a body.
func excerpt(p *pass, s string) string {
	if p.opt.Fleet {
		return ""
	}
	return p.foreign(s)
}

func (p *pass) dropped(b []byte) {
	if len(b) > 0 {
		*p.tally.of("body")++
	}
}

// body returns a redacted copy of a body, which may be truncated; b itself if it has no
// secret, nil if it can't be parsed.
func (p *pass) body(b []byte, contentType string) []byte {
	if len(b) == 0 {
		return b
	}
	s := string(b)
	p.known = make(map[string]meaning)
	defer func() { p.known = nil }()
	out, ok := p.settled(s, func(p *pass, s string) string { return p.document(s, contentType) })
	switch {
	case !ok || out == "":
		p.dropped(b)
		return nil
	case out == s:
		return b
	}
	return []byte(out)
}

// document redacts a body by its media type and its form; "" if it is neither known nor text.
func (p *pass) document(s, contentType string) string {
	media, parameters, _ := strings.Cut(strings.ToLower(contentType), ";")
	media = strings.TrimSpace(media)
	if strings.HasPrefix(media, "multipart/") {
		if out, ok := p.multipart(s, contentType[len(contentType)-len(parameters):]); ok {
			return out
		}
	}
	if limit := untypedBoundary(s); media == "" && limit != "" {
		if out, ok := p.multipart(s, "boundary="+limit); ok {
			return out
		}
	}
	s = whole(s)
	if binary(s) {
		return ""
	}
	switch shape := shapeOf(s); {
	case media == "text/event-stream" && (shape == shapeText || shape == shapeForm):
		return p.events(s)
	case strings.HasSuffix(media, "json") || strings.Contains(media, "json-"):
		if shape == shapeJSON || shape == shapeText {
			return p.json(s, nestedBody)
		}
	case media == "application/x-www-form-urlencoded" && shape == shapeText:
		return p.form(s, nestedBody)
	}
	return p.value(s, nestedBody+1)
}

// untypedBoundary returns the boundary of a body that begins as a form's first part; "" if it
// doesn't. Some exporters omit the type.
func untypedBoundary(s string) string {
	line, rest, _ := strings.Cut(s, "\n")
	limit, ok := strings.CutPrefix(strings.TrimRight(line, "\r"), "--")
	const field = "content-disposition:"
	if !ok || limit == "" || len(limit) > 70 || len(rest) < len(field) || !strings.EqualFold(rest[:len(field)], field) {
		return ""
	}
	return limit
}

// events redacts an event stream (HTML Living Standard, 9.2), with consecutive data lines as
// one value.
func (p *pass) events(s string) string {
	var b strings.Builder
	var data []string // consecutive data lines
	flush := func() {
		if data == nil {
			return
		}
		heads, values := make([]string, len(data)), make([]string, len(data))
		for i, line := range data {
			v := strings.TrimLeft(line[len("data:"):], " ")
			heads[i], values[i] = line[:len(line)-len(v)], v
		}
		clean := strings.SplitAfter(p.value(strings.Join(values, ""), nestedBody), "\n")
		for i, v := range clean {
			if v != "" {
				b.WriteString(heads[min(i, len(heads)-1)] + v)
			}
		}
		data = nil
	}
	for line := range strings.Lines(s) {
		if strings.HasPrefix(line, "data:") {
			data = append(data, line)
			continue
		}
		flush()
		b.WriteString(p.text(line))
	}
	flush()
	return b.String()
}

package redact

import (
	"html"
	"strings"
)

// An attribute is name="value" in a tag; value is without quotes.
type attribute struct {
	before string // up to the value, including its quote
	name   string
	value  string
}

// tag redacts the attributes of a tag, and opens its element.
func (m *markupScan) tag() {
	name := m.in[1 : 1+until(m.in[1:], " \t\r\n/>")]
	m.take(1 + len(name))
	m.out.WriteString("<" + name)
	attributes, end := m.attributes()
	named := ""
	for _, a := range attributes {
		switch squeeze(local(a.name)) {
		case "name", "id", "property", "key", "itemprop":
			if kind := m.hard(html.UnescapeString(a.value)); kind != "" {
				named = kind
			}
		}
	}
	for _, a := range attributes {
		m.out.WriteString(a.before)
		m.out.WriteString(m.attribute(a, named))
	}
	m.out.WriteString(end)
	name = local(name)
	if strings.HasSuffix(end, "/>") || void[strings.ToLower(name)] {
		return
	}
	m.push(name)
	if e := m.top(); e.kind == "" && (strings.EqualFold(name, "entry") || strings.EqualFold(name, "textarea")) {
		e.kind = named
	}
	switch lower := strings.ToLower(name); lower {
	case "script", "style": // no markup inside
		m.content(m.take(untilEnd(m.in, lower)), false)
	}
}

// untilEnd returns the length of s before the end tag of an element, whose name may be in any
// case; all of s if there is none.
func untilEnd(s, name string) int {
	for at := 0; ; at += len("</") {
		i := strings.Index(s[at:], "</")
		if i < 0 {
			return len(s)
		}
		at += i
		if rest := s[at+len("</"):]; len(rest) >= len(name) && strings.EqualFold(rest[:len(name)], name) {
			return at
		}
	}
}

// void elements of HTML have no end tag (HTML Living Standard, 13.1.2).
var void = map[string]bool{
	"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true,
	"link": true, "meta": true, "source": true, "track": true, "wbr": true,
}

// attribute redacts a value.
func (m *markupScan) attribute(a attribute, named string) string {
	v := html.UnescapeString(a.value)
	kind := m.kind(local(a.name))
	if kind == "" && named != "" && m.look(a.name).isNamed {
		kind = named
	}
	if kind == "" {
		kind = m.top().kind
	}
	clean := ""
	if kind != "" {
		clean = m.secret(a.name, kind, v)
	} else {
		clean = m.value(v, m.depth)
	}
	if clean == v {
		return a.value
	}
	return m.escape(clean, a.value, true)
}

// attributes parses the rest of a tag: its attributes and its end.
func (m *markupScan) attributes() (all []attribute, end string) {
	at, begin := 0, 0
	for at < len(m.in) && m.in[at] != '>' {
		if m.in[at] != '=' {
			at++
			continue
		}
		name := strings.TrimRight(m.in[begin:at], " \t\r\n")
		name = name[strings.LastIndexAny(name, " \t\r\n/")+1:]
		at++
		for at < len(m.in) && strings.IndexByte(" \t\r\n", m.in[at]) >= 0 {
			at++
		}
		quote := byte(0)
		if at < len(m.in) && (m.in[at] == '"' || m.in[at] == '\'') {
			quote = m.in[at]
			at++
		}
		n := 0
		if quote != 0 {
			n = strings.IndexByte(m.in[at:], quote)
		} else {
			n = strings.IndexAny(m.in[at:], " \t\r\n>")
			if n > 0 && strings.ContainsAny(m.in[at:at+n], "\"'<={[`") { // no HTML
				n = strings.IndexByte(m.in[at:], '>')
			}
		}
		if n < 0 {
			n = len(m.in) - at
		}
		all = append(all, attribute{m.in[begin:at], name, m.in[at : at+n]})
		at += n
		begin = at
	}
	at = min(at+1, len(m.in))
	end = m.in[begin:at]
	m.in = m.in[at:]
	return all, end
}

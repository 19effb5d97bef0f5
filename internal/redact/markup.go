package redact

import (
	"html"
	"strings"
)

// markup redacts XML and HTML, which may be truncated: the text of elements with a secret's
// name, attributes, scripts, and values nested in others.
func (p *pass) markup(s string, depth int) string {
	m := markupScan{pass: p, in: s, depth: depth, open: []element{{}}}
	for m.in != "" {
		m.step()
	}
	return p.text(edited(m.out.String(), m.edits)) // it may not be markup after all
}

// A markupScan is the state of parsing markup.
type markupScan struct {
	*pass
	in    string // the rest of the input
	out   strings.Builder
	depth int
	open  []element // open elements; the first is the document
	edits []edit    // of out, once it is complete
}

// An element is an open element.
type element struct {
	name  string
	kind  string  // of the secret that everything in it is part of; "" if none
	named string  // the kind that a child names: <Name>password</Name><Value>
	early []early // the values of children that came before their name
}

func (m *markupScan) top() *element { return &m.open[len(m.open)-1] }

// step processes the next text, tag or section.
func (m *markupScan) step() {
	if m.in[0] != '<' {
		end := strings.IndexByte(m.in, '<')
		if end < 0 {
			end = len(m.in)
		}
		m.content(m.take(end), true)
		return
	}
	switch {
	case strings.HasPrefix(m.in, "<!--"):
		m.section("<!--", "-->")
	case strings.HasPrefix(m.in, "<![CDATA["):
		m.section("<![CDATA[", "]]>")
	case strings.HasPrefix(m.in, "<?"), strings.HasPrefix(m.in, "<!"):
		m.out.WriteString(m.take(until(m.in, ">") + 1))
	case strings.HasPrefix(m.in, "</"):
		tag := m.take(until(m.in, ">") + 1)
		m.close(strings.Trim(tag, "</> \t\r\n"))
		m.out.WriteString(tag)
	case len(m.in) > 1 && isWord(m.in[1]) && m.in[1] > '9':
		m.tag()
	default:
		m.content(m.take(1), true)
	}
}

// take consumes the next n bytes.
func (m *markupScan) take(n int) string {
	n = min(n, len(m.in))
	s := m.in[:n]
	m.in = m.in[n:]
	return s
}

// section redacts the content between begin and end.
func (m *markupScan) section(begin, end string) {
	m.out.WriteString(m.take(len(begin)))
	n := strings.Index(m.in, end)
	if n < 0 {
		n = len(m.in)
	}
	m.content(m.take(n), false)
	m.out.WriteString(m.take(len(end)))
}

// content redacts the text of an element.
func (m *markupScan) content(s string, escaped bool) {
	bare := strings.TrimSpace(s)
	if bare == "" {
		m.out.WriteString(s)
		return
	}
	v := bare
	if escaped {
		v = html.UnescapeString(bare)
	}
	e := m.top()
	clean := ""
	switch kind, soft := e.kind, m.soft(e.name); {
	case kind != "":
		clean = m.secret(e.name, kind, v)
	case soft != "" && opaque(v):
		clean = m.pseudonym(soft, v)
	default:
		clean = m.value(v, m.depth)
	}
	m.name(v)
	i := strings.Index(s, bare)
	m.out.WriteString(s[:i])
	from := m.out.Len()
	if clean == v {
		m.out.WriteString(bare)
	} else {
		m.out.WriteString(m.escape(clean, bare, escaped))
	}
	m.mayBeNamed(early{from: from, to: m.out.Len(), value: v, bare: bare, escaped: escaped})
	m.out.WriteString(s[i+len(bare):])
}

// escape returns clean, escaped to replace old.
func (m *markupScan) escape(clean, old string, escaped bool) string {
	if escaped {
		clean = html.EscapeString(clean)
	}
	if m.terse && len(clean) > len(old) {
		return mark
	}
	return clean
}

// name records in the parent that v is the name of a sibling's value.
func (m *markupScan) name(v string) {
	if n := len(m.open); n > 1 && len(v) <= 128 && m.look(m.top().name).names {
		parent := &m.open[n-2]
		parent.named = m.kind(v)
		if kind := parent.named; kind != "" {
			for _, x := range parent.early {
				m.edits = append(m.edits, edit{x.from, x.to, m.escape(m.pseudonym(kind, x.value), x.bare, x.escaped)})
			}
		}
		parent.early = nil
	}
}

// push opens an element.
func (m *markupScan) push(name string) {
	e := m.top()
	kind := m.kind(name)
	switch {
	case kind != "":
	case e.named != "" && m.look(name).isNamed:
		kind = e.named
	default:
		kind = e.kind
	}
	m.open = append(m.open, element{name: name, kind: kind})
}

// close closes the element called name, and elements in it that are still open, as is common
// in HTML.
func (m *markupScan) close(name string) {
	name = local(name)
	for i := len(m.open) - 1; i > 0 && i > len(m.open)-64; i-- {
		if strings.EqualFold(m.open[i].name, name) {
			m.open = m.open[:i]
			return
		}
	}
}

// local returns a name without its namespace.
func local(name string) string { return name[strings.LastIndexByte(name, ':')+1:] }

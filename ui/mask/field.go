package mask

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/ui/text"
)

// hostFields are names of fields, and filter keys, whose value is a host or an address;
// personFields are those whose value is the name of a person.
var (
	hostFields = []string{
		"host", "hostname", "cname", "sni", "nameserver", "ns",
		"ip", "addr", "address", "proxy", "x-forwarded-host", ":authority",
	}
	personFields = []string{"username", "rolename", "groupname", "rolesessionname", "sessionname", "accountalias", "loginname", "login"}
	scopeWords   = []flow.Scope{
		flow.ScopePublic, flow.ScopePrivate, flow.ScopeCGNAT, flow.ScopeBenchmark, flow.ScopeULA,
		flow.ScopeLinkLocal, flow.ScopeLoopback, flow.ScopeUnspecified,
	}
)

// hideFields masks values by the names that precede them: in filters (host:wiki), queries
// (UserName=jo), JSON ("UserName": "jo") and XML (<UserName>jo<).
func (m *Masker) hideFields(b []byte) {
	for i, c := range b {
		if c != ':' && c != '=' && c != '~' && c != '>' {
			continue
		}
		name := fieldBefore(b[:i])
		host := contains(hostFields, name)
		if !host && !contains(personFields, name) {
			continue
		}
		at := i + 1
		for at < len(b) && strings.IndexByte(":=~", b[at]) >= 0 {
			at++
		}
		for at < len(b) && b[at] == ' ' && (!host || at+1 < len(b) && b[at+1] == '"') {
			at++
		}
		stops := " \t&,;)<>{}|"
		if q := quoteAt(b[at:]); q > 0 {
			at += q
			stops = "\"\\"
			if host { // values of filters may contain escapes
				stops = "\""
			}
		}
		end := at
		for end < len(b) && strings.IndexByte(stops, b[end]) < 0 {
			end++
		}
		if end > at && b[end-1] == ':' && !bytes.HasSuffix(b[at:end], []byte("::")) { // a colon of the sentence
			end--
		}
		switch value := b[at:end]; {
		case !host:
			hide(value, ".")
		case m.shown(value):
		case m.isAWSName(value):
			m.hideHost(value)
		default:
			if i := bytes.LastIndexByte(value, '/'); i > 0 && leadingDigits(value[i+1:]) == len(value)-i-1 { // the prefix length of a network
				value = value[:i]
			}
			hideLetters(value)
		}
	}
}

// hostHeaders are header fields whose whole value is a host.
var hostHeaders = []string{"host", ":authority", "x-forwarded-host", "sni", "name"}

// IsHostField reports whether the whole value of the header field of that name is a host.
func IsHostField(name string) bool { return slices.Contains(hostHeaders, strings.ToLower(name)) }

// EndsInHostKey reports whether text, the beginning of what is being typed, ends in the
// name of a field or in a key of filters whose value is a host or an address.
func EndsInHostKey(text string) bool {
	return contains(hostFields, fieldBefore([]byte(strings.TrimRight(text, ":=~"))))
}

func contains(fields []string, name []byte) bool {
	return len(name) > 1 && slices.ContainsFunc(fields, func(f string) bool {
		return len(f) == len(name) && strings.EqualFold(f, string(name))
	})
}

// fieldBefore is the name that b ends in, ignoring a quote and blanks.
func fieldBefore(b []byte) []byte {
	b = bytes.TrimRight(b, " \"\\!")
	at := len(b)
	for at > 0 && (isAlnum(b[at-1]) || b[at-1] == '-') {
		at--
	}
	return bytes.TrimLeft(b[at:], "-")
}

// quoteAt is the length of the quote that b begins with.
func quoteAt(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte(`"`)):
		return 1
	case bytes.HasPrefix(b, []byte(`\"`)):
		return 2
	}
	return 0
}

// hideLetters masks the letters and digits of a part of a host, which may be a regular
// expression.
func hideLetters(b []byte) {
	for i, c := range b {
		if isAlnum(c) || c >= 0x80 || c == '_' {
			b[i] = masked
		}
	}
}

// isAWSName reports whether a whole value is a name on one of AWS's domains.
func (m *Masker) isAWSName(value []byte) bool {
	_, ok := m.domainOf(strings.ToLower(string(value)))
	return ok && !bytes.ContainsFunc(value, func(r rune) bool { return r >= 0x80 || !inName(byte(r)) })
}

// shown reports whether a part of a host, or of a regular expression for hosts, reveals no
// more than AWS's own names do.
func (m *Masker) shown(part []byte) bool {
	s := strings.ToLower(strings.Trim(strings.ReplaceAll(string(part), `\`, ""), `^$".*`))
	if a, err := netip.ParseAddr(s); err == nil {
		return m.shows(a)
	}
	if len(s) == 0 || slices.Contains(scopeWords, flow.Scope(s)) {
		return true
	}
	// A part of an address: whole addresses are masked by their form.
	if strings.Trim(s, "0123456789.:/abcdef") == "" && strings.ContainsAny(s, "0123456789") {
		return false
	}
	for _, d := range m.aws {
		if strings.Contains("."+d.Name, s) {
			return true
		}
	}
	b := []byte(s)
	m.hideLabels(b)
	return isRegion(s) || string(b) == s || m.public.any(func(name string) bool { return strings.Contains(name, s) })
}

// typing masks what a person types or has typed: also any part of a known name, and digits
// from the fifth in a row on, which may become an account ID.
func (m *Masker) typing(s string) []byte {
	b := m.hidden(s)
	if len(b) > text.MaxLine { // longer than anybody types
		hide(b[text.MaxLine:], "")
		s = s[:text.MaxLine]
	}
	for at := 0; at < len(s); {
		end := at
		for end < len(s) && strings.IndexByte(" \t():=~!<>\"',", s[end]) < 0 {
			end++
		}
		if end == at {
			at++
			continue
		}
		if end < len(s) && strings.IndexByte(":=~!<>", s[end]) >= 0 { // a key
			at = end
			continue
		}
		part := strings.ToLower(strings.Trim(strings.ReplaceAll(s[at:end], `\`, ""), "^$.*"))
		if m.isPart(part) {
			hideLetters(b[at:end])
		}
		at = end
	}
	for i := 0; i < len(b); i++ {
		n := leadingDigits(b[i:])
		before := byte(' ')
		if i > 0 {
			before = b[i-1]
		}
		isLimit, isTime := before == '<' || before == '>', n == 6 && before == 'T' // the time in a file's name
		if n >= 5 && !isLimit && !isTime {
			hide(b[i:i+n], "")
		}
		i += n
	}
	return b
}

// An Input is a text that a person is typing, with what of it is masked.
type Input struct {
	text   string
	hidden []byte // text with an asterisk for each byte that is masked
}

// Input masks what a person is typing, as a whole: also parts of known names, and digits
// that may become an account ID.
func (m *Masker) Input(text string) Input {
	if !m.Hides() {
		return Input{text, []byte(text)}
	}
	return Input{text, m.typing(text)}
}

// Part returns the text from byte a up to, but not including, byte b, masked.
func (t Input) Part(a, b int) string { return asterisks(t.text[a:b], t.hidden[a:b]) }

// Letters masks all letters and digits of a text.
func Letters(text string) string {
	b := []byte(text)
	hideLetters(b)
	return asterisks(text, b)
}

// isPart reports whether part, in lower case, is a revealing part of a known name.
func (m *Masker) isPart(part string) bool {
	const few = 3
	if len(part) < few {
		return false
	}
	key := "\x01" + part
	if t, ok := m.texts[key]; ok {
		return t != ""
	}
	if m.shown([]byte(part)) || !m.known.any(func(name string) bool { return strings.Contains(name, part) }) {
		m.cache(key, "")
		return false
	}
	m.cache(key, part)
	return true
}

// Typed masks what a person has typed: what has a name gets it, and the rest asterisks.
func (m *Masker) Typed(s string) string {
	if !m.Hides() {
		return m.Text(s)
	}
	key := "\x00" + s // typed texts are masked more than others
	if t, ok := m.texts[key]; ok {
		return t
	}
	t := m.named(s, m.typing(s), true)
	m.cache(key, t)
	return t
}

package redact

import (
	"embed"
	"strings"

	"detour/internal/flow"
)

//go:embed data/*.tsv
var data embed.FS

// A nameTable has the names whose values are secrets. It is immutable.
type nameTable struct {
	keep  map[string]bool
	last  map[string]string // kinds by a name's last word
	path  map[string]path   // by a name that is a secret's only in one place
	soft  map[string]string // by a last word that also has other meanings
	parts []part            // first match wins
}

// A path is the name of the container of a secret, and the kind of the secret.
type path struct{ holder, kind string }

// A part is a word that marks every name that contains it as a secret's.
type part struct{ word, kind string }

// rows calls row with the columns of each line except the header. A test validates the
// tables.
func rows(file string, row func([]string)) {
	b, _ := data.ReadFile("data/" + file)
	_, lines, _ := strings.Cut(strings.TrimSuffix(string(b), "\n"), "\n")
	for line := range strings.Lines(lines) {
		row(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
}

func loadNames() nameTable {
	n := nameTable{keep: map[string]bool{}, last: map[string]string{}, path: map[string]path{}, soft: map[string]string{}}
	rows("secret_names.tsv", func(c []string) {
		switch match, name, kind := c[0], c[1], c[2]; match {
		case "keep":
			n.keep[name] = true
		case "part":
			n.parts = append(n.parts, part{name, kind})
		case "last":
			n.last[name] = kind
		case "path":
			holder, last, _ := strings.Cut(name, ".")
			n.path[last] = path{holder, kind}
		case "soft":
			n.soft[name] = kind
		}
	})
	return n
}

func loadMembers() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	rows("sensitive_members.tsv", func(c []string) {
		all[c[0]] = map[string]bool{}
		for _, m := range strings.Split(c[1], "|") {
			all[c[0]][squeeze(m)] = true
		}
	})
	return all
}

// services returns the services that a request may be for.
func services(a *flow.AWS) []string {
	all := append([]string{a.Service}, a.Also...)
	for _, call := range a.Batch {
		service, _, _ := strings.Cut(call, ":")
		all = append(all, service)
	}
	return all
}

// kind returns the kind of secret that a value called key is; "" if it is none. It ignores
// case, hyphens and underscores.
func (p *pass) kind(key string) string {
	if p.known == nil {
		whole := squeeze(key)
		return p.kindOf(key, whole, lastName(whole))
	}
	return p.look(key).kind
}

// A meaning is what a name says about its value.
type meaning struct {
	kind    string // of the secret; "" if it is none
	soft    string // of the secret, if the value is opaque
	path    path   // where it is a secret
	names   bool   // its value is another member's name
	isNamed bool   // another member has its name
}

// maxKnown limits the names that a pass remembers. A body often has the same names many
// times.
const maxKnown = 512

// look looks up a name.
func (p *pass) look(key string) meaning {
	m, known := p.known[key]
	if known {
		return m
	}
	whole := squeeze(key)
	last := lastName(whole)
	m = meaning{
		kind: p.kindOf(key, whole, last), soft: p.names.soft[last], path: p.names.path[whole],
		names: nameNames[whole], isNamed: valueNames[whole],
	}
	if p.known != nil && len(p.known) < maxKnown && len(key) <= 64 {
		p.known[key] = m
	}
	return m
}

// kindOf returns the kind of secret that a name stands for.
func (p *pass) kindOf(key, whole, last string) string {
	if isPseudonym(key) || isDomainName(whole) {
		return ""
	}
	if p.members != nil {
		for word := range strings.FieldsFuncSeq(whole, func(c rune) bool { return strings.ContainsRune("/.[]$!:", c) }) {
			if p.members[word] {
				return "member"
			}
		}
	}
	if p.names.keep[last] {
		return ""
	}
	for _, part := range p.names.parts {
		if strings.Contains(whole, part.word) {
			return part.kind
		}
	}
	return p.names.last[last]
}

// isDomainName reports whether a squeezed name is that of a host, which may have a port: no
// name of a secret, whatever the service is called. The names of members that have dots end
// otherwise.
func isDomainName(whole string) bool {
	if i := strings.LastIndexByte(whole, ':'); i >= 0 && isPort(whole[i+1:]) {
		whole = whole[:i]
	}
	if strings.Count(whole, ".") < 2 || strings.IndexByte(whole, '/') >= 0 {
		return false
	}
	switch whole[strings.LastIndexByte(whole, '.')+1:] {
	case "com", "aws", "cn", "eu", "gov", "net", "org":
		return true
	}
	return false
}

// isPort reports whether s looks like the number of a port.
func isPort(s string) bool { return s != "" && len(s) <= 5 && strings.Trim(s, number) == "" }

// hard is kind for a place where names that also have other meanings are secrets: OAuth's code
// and state in a query.
func (p *pass) hard(key string) string {
	if kind := p.kind(key); kind != "" {
		return kind
	}
	return p.soft(key)
}

// soft returns the kind of a key whose value is a secret if it is opaque.
func (p *pass) soft(key string) string { return p.look(key).soft }

// shortestOpaque is the length of the shortest text that may be a credential by its form.
const shortestOpaque = 16

// opaque reports whether v looks like a credential rather than text: long, with letters and
// digits, without separators of words.
func opaque(v string) bool { return opaqueFrom(v, shortestOpaque) }

// opaqueFrom is opaque for text of at least shortest bytes.
func opaqueFrom(v string, shortest int) bool {
	if len(v) < shortest {
		return false
	}
	var digit, letter bool
	for i := range len(v) {
		switch c := v[i]; {
		case '0' <= c && c <= '9':
			digit = true
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			letter = true
		case !strings.ContainsRune("+/=_.~%-", rune(c)):
			return false
		}
	}
	return digit && letter
}

// lastName returns the key without a path or the names of its containers, as in
// user[password] and user.password.
func lastName(key string) string {
	key = strings.TrimRight(key, "]")
	return key[strings.LastIndexAny(key, "/.[$!:")+1:]
}

// squeeze maps names that differ only in case, hyphens and underscores to the same one.
func squeeze(s string) string {
	if strings.IndexFunc(s, func(c rune) bool { return c == '-' || c == '_' || c == ' ' || 'A' <= c && c <= 'Z' || c >= 0x80 }) < 0 {
		return s
	}
	b := make([]byte, 0, 64)
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-' || c == '_' || c == ' ':
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

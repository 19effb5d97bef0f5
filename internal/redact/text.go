package redact

import "strings"

// text redacts plain text: URLs, and values after the names of secrets, as in password=…,
// "token": "…", x-amz-security-token:….
func (p *pass) text(s string) string {
	t := textScan{pass: p, in: s}
	for {
		i := strings.IndexAny(s[t.next:], "=:")
		if i < 0 {
			break
		}
		at := t.next + i
		t.next = at + 1
		if strings.HasPrefix(s[at:], "://") {
			t.link(at)
		} else {
			t.pair(at)
		}
	}
	if t.done > 0 {
		t.out.WriteString(s[t.done:])
		s = t.out.String()
	}
	if strings.IndexByte(s, '<') >= 0 {
		s = p.elements(s)
	}
	return p.looks(p.phrases(s))
}

// elements redacts the content of elements with a secret's name, anywhere in the text.
func (p *pass) elements(s string) string {
	var b strings.Builder
	done, at := 0, 0
	for {
		i := strings.IndexByte(s[at:], '<')
		if i < 0 {
			break
		}
		at += i + 1
		end := at
		for end < len(s) && end-at < 64 && (isWord(s[end]) || strings.IndexByte("-.:", s[end]) >= 0) {
			end++
		}
		kind := ""
		if end > at {
			kind = p.kind(s[at:end])
		}
		if at = end; kind == "" {
			continue
		}
		tag := until(s[at:], "<>")
		if at += tag; at == len(s) || s[at] == '<' {
			continue
		}
		at++
		text := s[at : at+until(s[at:], "<>")]
		v := strings.TrimSpace(text)
		from := at + strings.Index(text, v)
		b.WriteString(s[done:from])
		b.WriteString(p.pseudonym(kind, v))
		done = from + len(v)
		at = done
	}
	return b.String() + s[done:]
}

// A textScan is the state of parsing text. Everything before done has been written.
type textScan struct {
	*pass
	in         string
	out        strings.Builder
	done, next int
}

// replace writes with in place of in[from:to].
func (t *textScan) replace(from, to int, with string) {
	t.next = to
	if with == t.in[from:to] {
		return
	}
	t.out.WriteString(t.in[t.done:from])
	t.out.WriteString(with)
	t.done = to
}

// link redacts the URL with "://" at the offset at.
func (t *textScan) link(at int) {
	from := at
	for from > t.done && (isWord(t.in[from-1]) || strings.IndexByte("+.-", t.in[from-1]) >= 0) {
		from--
	}
	end := at + until(t.in[at:], " \t\r\n\"'<>")
	end -= len(t.in[at:end]) - len(strings.TrimRight(t.in[at:end], `\`))
	t.replace(from, end, t.redactURL(t.in[from:end], nested))
}

// pair redacts the value after the '=' or ':' at the offset at, if the name before it is a
// secret's.
func (t *textScan) pair(at int) {
	if t.in[at] == ':' && t.skipPseudonym(at) {
		return
	}
	key, quoted := t.name(at)
	if key == "arn" && strings.HasPrefix(t.in[at:], ":aws") { // not a name and a value
		t.next = at + len(t.in[at:]) - len(strings.TrimLeft(t.in[at:], word+":/.*+@-"))
		return
	}
	if key == "" || t.login(at, key) || t.hostPort(at, key) {
		return
	}
	kind, soft := t.kind(key), t.soft(key)
	if kind == "" && soft == "" || failure(key) {
		return
	}
	from := at + 1
	if from < len(t.in) && (t.in[from] == '=' || t.in[from] == '>' && t.in[at] == '=') { // :=, ==, =>
		from++
	}
	for from < len(t.in) && (t.in[from] == ' ' || t.in[from] == '\t' || quoted && strings.IndexByte("\r\n", t.in[from]) >= 0) {
		from++
	}
	from, to, prose := t.extent(key, from, at, quoted)
	if t.in[at] == ':' && !quoted {
		if begin, end := yamlBlock(t.in, at, from); end > 0 {
			from, to, prose = begin, end, false
		}
	}
	v := t.in[from:to]
	switch {
	case kind == "" && !opaque(v), kind != "password" && prose && isWords(v):
	case kind == "":
		t.replace(from, to, t.pseudonym(soft, v))
	default:
		t.replace(from, to, t.secret(key, kind, v))
	}
}

// hostPort reports whether key and what follows the ':' at the offset at are a host and its
// port. The last word of a host is a domain; that of user.password says what it is.
func (t *textScan) hostPort(at int, key string) bool {
	rest := t.in[at+1:]
	end := len(rest) - len(strings.TrimLeft(rest, word))
	return t.in[at] == ':' && strings.IndexByte(key, '.') > 0 && isPort(rest[:end]) && t.kind(lastName(key)) == ""
}

// login redacts user:password@host:port, as it is without a scheme; at is its first
// colon.
func (t *textScan) login(at int, user string) bool {
	s := t.in[at+1:]
	s = s[:until(s, " \t\r\n\"'<>,;")]
	i := strings.LastIndexByte(s, '@')
	if i <= 0 || t.in[at] != ':' {
		return false
	}
	host, port, ok := strings.Cut(s[i+1:], ":")
	if !ok || host == "" || port == "" || strings.Trim(host, word+"-.") != "" || strings.Trim(port, number+"/") != "" {
		return false
	}
	from := at - len(user)
	t.replace(from, at+1+i, t.pseudonym("user", t.in[from:at+1+i]))
	return true
}

// yamlBlock returns the extent of a value of YAML on the lines after its name, which end with
// the indentation; at is the colon, from where a value would be. end is 0 if there is none.
func yamlBlock(s string, at, from int) (begin, end int) {
	line := from + until(s[from:], "\r\n")
	if strings.Trim(s[from:line], "|>+-0123456789 ") != "" || line == len(s) {
		return 0, 0
	}
	start := strings.LastIndexByte(s[:at], '\n') + 1
	indent := at - start - len(strings.TrimLeft(s[start:at], " -"))
	begin = -1
	for next := line + until(s[line:], "\n") + 1; next < len(s); {
		n := until(s[next:], "\n")
		text := strings.TrimLeft(s[next:next+n], " ")
		if n-len(text) <= indent && strings.TrimSpace(text) != "" {
			break
		}
		if begin < 0 {
			begin = next + n - len(text)
		}
		end = next + len(strings.TrimRight(s[next:next+n], "\r"))
		next += n + 1
	}
	if begin < 0 || begin >= end {
		return 0, 0
	}
	return begin, end
}

// extent returns the extent of the value that begins at from, without its quotes, and whether
// it may be a word of a sentence.
func (t *textScan) extent(key string, from, at int, quoted bool) (begin, end int, prose bool) {
	rest := t.in[from:]
	if rest == "" {
		return from, from, false
	}
	if q := strings.TrimLeft(rest, `\`); len(q) < len(rest) && q != "" && strings.IndexByte("\"'", q[0]) >= 0 {
		quote := rest[:len(rest)-len(q)+1] // as in JSON in a string in JSON
		n := strings.Index(q[1:], quote)
		if n < 0 {
			n = len(q) - 1
		}
		return from + len(quote), from + len(quote) + n, false
	}
	switch c := rest[0]; c {
	case '"', '\'', '`':
		n := closing(rest[1:], c)
		return from + 1, from + 1 + n, false
	case '{', '[':
		return from, from + bracket(rest), false
	}
	switch squeeze(lastName(key)) {
	case "authorization", "proxyauthorization", "cookie", "setcookie":
		if !quoted {
			return from, from + until(rest, "\r\n"), false
		}
	}
	return from, from + until(rest, " \t\r\n\"'<>&,;)}]\\"), t.in[at] == ':' && from > at+1
}

// until returns the length of s before the first of chars; all of it if there is none.
func until(s, chars string) int {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return i
	}
	return len(s)
}

// closing returns the length of s before an unescaped quote c; all of it if there is none.
func closing(s string, c byte) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case c:
			return i
		}
	}
	return len(s)
}

// bracket returns the length of s up to the bracket that closes its first one.
func bracket(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			i += closing(s[i+1:], '"') + 1
		}
	}
	return len(s)
}

// name returns the name before the delimiter at the offset at, and whether it was quoted.
func (t *textScan) name(at int) (key string, quoted bool) {
	end := at
	for end > t.done && t.in[end-1] == ' ' {
		end--
	}
	if end > t.done && strings.IndexByte("\"'", t.in[end-1]) >= 0 {
		quoted = true
		end--
		for end > t.done && t.in[end-1] == '\\' {
			end--
		}
	}
	from := end
	for from > t.done && end-from < 64 && (isWord(t.in[from-1]) || strings.IndexByte("-.[]$", t.in[from-1]) >= 0) {
		from--
	}
	return t.in[from:end], quoted
}

// skipPseudonym skips a pseudonym that has a colon at the offset at.
func (t *textScan) skipPseudonym(at int) bool {
	begin := at + 1 - len(prefix)
	if begin < 0 {
		return false
	}
	n := pseudonymAt(t.in[begin:])
	if n > 0 {
		t.next = begin + n
	}
	return n > 0
}

// secret returns the pseudonym for a secret called key. Authorization and cookies keep what
// their headers keep.
func (p *pass) secret(key, kind, v string) string {
	switch squeeze(lastName(key)) {
	case "authorization", "proxyauthorization":
		return p.authorization(v)
	case "cookie":
		return p.cookies(v)
	case "setcookie":
		return p.setCookie(v)
	case "xamzcredential":
		return p.scope(v)
	}
	return p.pseudonym(kind, v)
}

// failure reports whether a name is an error's, which a sentence follows.
func failure(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, "exception") || strings.HasSuffix(name, "error") || strings.HasSuffix(name, "fault") ||
		strings.HasPrefix(name, "expired") || strings.HasPrefix(name, "invalid") || strings.HasPrefix(name, "missing")
}

// isWords reports whether v has only letters and dots.
func isWords(v string) bool {
	return len(v) < 24 && strings.IndexFunc(v, func(c rune) bool { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '.' }) < 0
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

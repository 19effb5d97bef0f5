package redact

import (
	"strings"

	"detour/internal/lazyregexp"
)

// A GraphQL document (spec.graphql.org) has its arguments as literals if they aren't
// variables. As in GWT-RPC, what a string means depends on a schema, so only Regions and IDs
// of resources are kept.
var (
	graphqlKeyword = lazyregexp.New(
		`^(?:query|mutation|subscription)(?:\s*[{(@]|\s+[A-Za-z_]\w*\s*[{(@])|^fragment\s+[A-Za-z_]\w*\s+on\s`)
	graphqlSelection = lazyregexp.New(
		`^\{[\s,]*(?:\.\.\.|[A-Za-z_]\w*(?:\s*[({@}]|\s+[A-Za-z_.]|\s*:\s*[A-Za-z_]\w*\s*\())`)
)

// isGraphQL reports whether s begins a GraphQL document.
func isGraphQL(s string) bool {
	for strings.HasPrefix(s, "#") { // a comment
		_, rest, _ := strings.Cut(s, "\n")
		s = strings.TrimLeft(rest, " \t\r\n,\ufeff")
	}
	switch {
	case s == "":
		return false
	case s[0] == '{':
		return graphqlSelection.MatchString(s)
	case s[0] == 'q', s[0] == 'm', s[0] == 's', s[0] == 'f':
		return graphqlKeyword.MatchString(s)
	}
	return false
}

// redactGraphQL redacts the literals of a document, which may be truncated. What isn't part of the
// syntax, because s is something else after all, is redacted as text.
func redactGraphQL(p *pass, s string) string {
	g := graphqlScan{pass: p, in: s}
	for g.at < len(s) {
		g.step()
	}
	g.out.WriteString(s[g.done:])
	if g.other {
		return p.text(g.out.String())
	}
	return p.phrases(g.out.String())
}

// A graphqlScan is the state of parsing a document. Everything before done has been written.
type graphqlScan struct {
	*pass
	in       string
	out      strings.Builder
	at, done int
	name     string // of the argument whose value comes; "" if none does
	parens   int    // that are open: arguments and definitions of variables
	other    bool   // there is something that GraphQL doesn't have
}

// step processes the next token.
func (g *graphqlScan) step() {
	switch c := g.in[g.at]; {
	case c == '#':
		end := g.at + until(g.in[g.at:], "\r\n")
		g.replace(g.at, end, g.text(g.in[g.at:end]))
	case c == '"':
		quote := `"`
		if strings.HasPrefix(g.in[g.at:], `"""`) {
			quote = `"""`
		}
		from := g.at + len(quote)
		end := from + graphqlEnd(g.in[from:], quote)
		if after := g.in[min(end+len(quote), len(g.in)):]; after != "" && (isWord(after[0]) || after[0] == '"') ||
			len(quote) == 1 && strings.ContainsAny(g.in[from:end], "\r\n") { // where strings begin and end isn't certain
			end = len(g.in)
		}
		g.replace(from, end, g.literal(g.in[from:end]))
		g.at = min(end+len(quote), len(g.in))
	case isWord(c) || c == '-':
		g.word()
	default:
		switch {
		case c == '(':
			g.parens++
			g.name = ""
		case c == ')':
			g.parens--
			g.name = ""
		case c == '=':
			g.other = g.other || g.at > 0 && isWord(g.in[g.at-1])
		case strings.IndexByte(" \t\r\n,:!@$&|.[]{}", c) < 0 && c != 0xEF && c != 0xBB && c != 0xBF:
			g.other = true
		}
		g.at++
	}
}

// word processes a name, a number, an enumeration's value or a variable.
func (g *graphqlScan) word() {
	end := g.at + 1
	for end < len(g.in) && (isWord(g.in[end]) || strings.IndexByte(".+-", g.in[end]) >= 0) {
		end++
	}
	if n := pseudonymAt(g.in[g.at:]); n > 0 {
		g.at += n
		return
	}
	w, variable := g.in[g.at:end], g.at > 0 && g.in[g.at-1] == '$'
	kind := ""
	if g.name != "" && g.parens > 0 && !variable {
		kind = g.hard(g.name)
	}
	switch rest := strings.TrimLeft(g.in[end:], " \t\r\n"); {
	case strings.HasPrefix(rest, ":"):
		if g.name = w; variable { // its type comes
			g.name = ""
		}
		g.at = end
	case kind == "", isNumber(w) && len(w) < 4, w == "true", w == "false", w == "null":
		g.replace(g.at, end, g.looks(w))
	default:
		g.replace(g.at, end, `"`+g.pseudonym(kind, w)+`"`)
	}
}

// replace writes with in place of in[from:to].
func (g *graphqlScan) replace(from, to int, with string) {
	g.at = to
	if with != g.in[from:to] {
		g.out.WriteString(g.in[g.done:from])
		g.out.WriteString(with)
		g.done = to
	}
}

// literal redacts the content of a string.
func (g *graphqlScan) literal(raw string) string {
	if kind := g.hard(g.name); kind != "" && strings.TrimSpace(raw) != "" {
		return g.pseudonym(kind, unquote(raw))
	}
	if resourceID.MatchString(raw) || regionName.MatchString(raw) {
		return g.looks(raw)
	}
	return g.pseudonym("value", unquote(raw))
}

// graphqlEnd returns the length of a string before its closing quotes; all of s if there are
// none.
func graphqlEnd(s, quote string) int {
	if quote == `"` {
		return closing(s, '"')
	}
	for at := 0; ; {
		i := strings.Index(s[at:], quote)
		switch {
		case i < 0:
			return len(s)
		case i == 0 || s[at+i-1] != '\\':
			return at + i
		}
		at += i + len(quote)
	}
}

package report

import (
	"fmt"
	"strings"
	"unicode"

	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// maxJira is a little less than the 32,767 characters that a description in Jira can have.
const maxJira = 32_000

// inJira is Jira's wiki markup (its "Text Formatting Notation Help").
func inJira() style {
	return style{
		heading: func(level int, text string) string { return fmt.Sprintf("h%d. %s", level, jira(text)) },
		label: func(label, text string) string {
			if text == "" {
				return "*" + jira(label) + "*"
			}
			return "*" + jira(label) + ":* " + jira(text)
		},
		paragraph: jira,
		item:      func(text string) string { return "* " + jira(text) },
		command: func(command string) (string, bool) {
			return "{code:bash}\n" + command + "\n{code}", !strings.Contains(command, "{code")
		},
		table: func(t *Table) string { return barred(append([][]string{t.Columns}, t.Rows...), "||", "|", jira) },
		limit: maxJira,
	}
}

// jira escapes a line of text: nothing in it is markup, a macro, a link, a mention or an emoticon.
// Jira's renderer takes a backslash before some characters only; the others become entities,
// which it leaves as they are. Two backslashes would be a line break.
func jira(s string) string {
	s = flow.Printable(s)
	in := []rune(s)
	var b strings.Builder
	for i, r := range in {
		switch {
		case r == '\\', r == '&', r == ':' && smiles(in, i+1):
			fmt.Fprintf(&b, "&#%d;", r)
		case strings.ContainsRune("{}[]*_+^~|!?", r), r == '-' && (!word(in, i-1) || !word(in, i+1)),
			r == '(' && emoticon.MatchString(string(in[i:min(len(in), i+10)])),
			(r == '(' || r == ')') && i > 0 && strings.ContainsRune(":;", in[i-1]):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// emoticon is one of Jira's in parentheses. Those with a sign in them are escaped by it.
var emoticon = lazyregexp.New(`^\((?:/|x|i|y|n|on|off|flag|flagoff)\)`)

// smiles reports whether what follows a colon makes an emoticon of it.
func smiles(in []rune, i int) bool {
	return i < len(in) && strings.ContainsRune("DPp", in[i]) && !word(in, i+1)
}

// word reports whether there is a letter or digit at a place.
func word(in []rune, i int) bool {
	return i >= 0 && i < len(in) && (unicode.IsLetter(in[i]) || unicode.IsDigit(in[i]))
}

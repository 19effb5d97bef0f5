package curl

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// posix writes a command line for dash, bash, zsh, ksh and fish.
func posix(all []option) string {
	return "curl " + strings.Join(arguments(all, quote), " \\\n  ") + "\n"
}

// quote makes s one word of a shell: of dash, bash, zsh and ksh, and of fish, which also has
// backslashes in single quotes. Unprintable characters, which a terminal would act on, are
// what printf prints for octal escapes; not all shells have dollar-single-quotes. A line end
// stays, because a shell removes those at the end of what a command prints. A NUL ends the
// word, as it would end the argument.
func quote(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	if s == "" {
		return "''"
	}
	w := shellWord{}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\'':
			w.bare(`\'`)
		case r == '\\' && !followedByPlain(s[i+1:]):
			w.bare(`\\`)
		case r == '\n' || isPlain(r):
			w.quoted(s[i : i+n])
		default:
			w.escaped(s[i : i+n])
		}
		i += n
	}
	return w.String()
}

// followedByPlain reports whether s begins with a character before which a backslash in
// single quotes is itself in every shell.
func followedByPlain(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isPlain(r) && r != '\'' && r != '\\'
}

// A shellWord is a word in parts, each in its own kind of quotes.
type shellWord struct {
	b    strings.Builder
	open string // what ends the current part
}

func (w *shellWord) part(begin, end string) {
	if w.open != end {
		w.b.WriteString(w.open)
		w.b.WriteString(begin)
		w.open = end
	}
}

func (w *shellWord) bare(s string) {
	w.part("", "")
	w.b.WriteString(s)
}

func (w *shellWord) quoted(s string) {
	w.part("'", "'")
	w.b.WriteString(s)
}

func (w *shellWord) escaped(s string) {
	w.part(`"$(printf '`, `')"`)
	for _, c := range []byte(s) {
		fmt.Fprintf(&w.b, `\%03o`, c)
	}
}

func (w *shellWord) String() string {
	w.part("", "")
	return w.b.String()
}

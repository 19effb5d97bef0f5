package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// A manual is a page under way, in the macros of man(7).
type manual struct {
	b    strings.Builder
	tidy func(string) string
}

// request writes a macro with its arguments.
func (m *manual) request(name string, args ...string) {
	m.b.WriteString("." + name)
	for _, a := range args {
		m.b.WriteString(` "` + roff(m.tidy(a)) + `"`)
	}
	m.b.WriteByte('\n')
}

// title begins the page. The date's hyphens are no minus signs.
func (m *manual) title(name, section string) {
	fmt.Fprintf(&m.b, ".TH \"%s\" \"%s\" \"%s\" \"%s\" \"detour\"\n", roff(strings.ToUpper(name)), section, builtOn(), roff("detour "+version()))
}

// line writes a line as it stands.
func (m *manual) line(s string) {
	s = roff(m.tidy(s))
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	m.b.WriteString(s + "\n")
}

// prose writes words, which are filled when they are shown.
func (m *manual) prose(s string) {
	for line := range strings.Lines(wrap(strings.Fields(m.tidy(s)), 72, "\n")) {
		m.line(strings.TrimSuffix(line, "\n"))
	}
}

// item writes a term and what it is.
func (m *manual) item(term, what string) {
	m.request("TP")
	m.request("B", term)
	m.prose(what)
}

// synopsis is how a command is called.
func (m *manual) synopsis(c *cobra.Command) {
	name, args, _ := strings.Cut(c.UseLine(), " [")
	m.request("B", name)
	if args != "" {
		m.line("[" + args)
	}
}

// text writes prose as paragraphs, and what is indented as it stands.
func (m *manual) text(s string) {
	asItStands, blank, first := false, false, true
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, " \n")
		if line == "" {
			blank = true
			continue
		}
		if indented := line[0] == ' '; indented != asItStands {
			if asItStands {
				m.request("fi")
			}
			if !first {
				m.request("PP")
			}
			if indented {
				m.request("nf")
			}
			asItStands = indented
		} else if blank {
			m.request("PP")
		}
		blank, first = false, false
		if asItStands {
			m.line(strings.TrimPrefix(line, "  "))
		} else {
			m.prose(line)
		}
	}
	if asItStands {
		m.request("fi")
	}
}

// see refers to another command's page.
func (m *manual) see(c *cobra.Command) { m.request("BR", manName(c), "(1)") }

// roff writes a text so that groff and mandoc show just that (groff_char(7),
// mandoc_char(7)): what they would take for markup or print as a typographer's
// sign, and all that isn't ASCII.
func roff(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch r {
		case '\\':
			b.WriteString(`\e`)
		case '-':
			b.WriteString(`\-`)
		case '\'':
			b.WriteString(`\(aq`)
		case '"':
			b.WriteString(`\(dq`)
		case '`':
			b.WriteString(`\(ga`)
		case '^':
			b.WriteString(`\(ha`)
		case '~':
			b.WriteString(`\(ti`)
		case '\n', '\t':
			b.WriteByte(' ')
		default:
			if r < ' ' || r == 0x7f {
				continue
			}
			if r < utf8.RuneSelf {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, `\[u%04X]`, r)
			}
		}
	}
	return b.String()
}

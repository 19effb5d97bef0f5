// Package helptext renders help topics, which are written in Markdown: [Terminal] as
// plain text in columns, and [Markdown] for the pages of the documentation.
//
// A topic may use headings, paragraphs, lists, fenced code and tables of two columns.
// {{name}} in a text is replaced by a word of [Fill], and in a line of its own by a list
// of [Fill], so facts that the program knows come from the program.
package helptext

import (
	"strings"

	"detour/internal/lazyregexp"
)

// A Fill has what the placeholders of a topic stand for. The zero Fill has nothing.
type Fill struct {
	Words map[string]string
	// List is the list of that name, which may have arguments after spaces; nil has none.
	List func(name string) (List, bool)
}

// A List is a table of two columns.
type List struct {
	Name, Text string // the heads of the columns; a terminal shows none
	Entries    []Entry
}

// An Entry is a row of a List. The name is code, as is what stands in backquotes in the text.
type Entry struct{ Name, Text string }

// A kind says what a block of a topic is.
type kind int

const (
	paragraph kind = iota
	heading
	item
	code
	table
)

// A block is a piece of a topic that is laid out as one.
type block struct {
	kind  kind
	lines []string // of code as they are, otherwise without indentation
	list  List     // of a table
}

var placeholder = lazyregexp.New(`\{\{([a-z -]+)\}\}`)

// fill puts words in place of their placeholders. An unknown one stays.
func (f Fill) fill(s string) string {
	return placeholder.ReplaceAllStringFunc(s, func(p string) string {
		if w, ok := f.Words[p[2:len(p)-2]]; ok {
			return w
		}
		return p
	})
}

// parse splits a topic into blocks.
func parse(source string, f Fill) (out []block) {
	last := func() *block { return &out[len(out)-1] }
	fenced, open := false, false // open: the next line may go on with the last block
	for line := range strings.Lines(source) {
		line = strings.TrimRight(line, " \r\n")
		text := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(text, "```"):
			if fenced = !fenced; fenced {
				out = append(out, block{kind: code})
			}
			open = false
		case fenced:
			last().lines = append(last().lines, f.fill(line))
		case text == "":
			open = false
		case strings.HasPrefix(text, "#"):
			out, open = append(out, block{kind: heading, lines: []string{strings.TrimSpace(strings.TrimLeft(text, "#"))}}), false
		case f.list(text) != nil:
			out, open = append(out, block{kind: table, list: *f.list(text)}), false
		case strings.HasPrefix(text, "|"):
			if !open || last().kind != table {
				out = append(out, block{kind: table})
			}
			last().list.row(cells(f.fill(text)))
			open = true
		case strings.HasPrefix(text, "- "):
			out, open = append(out, block{kind: item, lines: []string{f.fill(text[2:])}}), true
		case open && last().kind != table:
			last().lines = append(last().lines, f.fill(text))
		default:
			out, open = append(out, block{kind: paragraph, lines: []string{f.fill(text)}}), true
		}
	}
	return out
}

// list is the one that a line stands for; nil: it stands for none.
func (f Fill) list(line string) *List {
	if f.List == nil || placeholder.FindString(line) != line || line == "" {
		return nil
	}
	if l, ok := f.List(line[2 : len(line)-2]); ok {
		return &l
	}
	return nil
}

// row adds a line of a table: its head, the line below that, or an entry.
func (l *List) row(cells [2]string) {
	switch {
	case l.Name == "" && l.Text == "":
		l.Name, l.Text = cells[0], cells[1]
	case strings.Trim(cells[0], "-:") != "":
		l.Entries = append(l.Entries, Entry{Name: strings.Trim(cells[0], "`"), Text: cells[1]})
	}
}

// cells are the two of a table's line.
func cells(line string) (out [2]string) {
	const bar = "\x00"
	line = strings.ReplaceAll(strings.Trim(line, "|"), `\|`, bar)
	first, second, _ := strings.Cut(line, "|")
	for i, c := range []string{first, second} {
		out[i] = strings.TrimSpace(strings.ReplaceAll(c, bar, "|"))
	}
	return out
}

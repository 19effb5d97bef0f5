package helptext

import (
	"strings"
	"unicode/utf8"
)

// Columns folds plain text that is wider than width at spaces: prose as paragraphs, and
// indented lines within their last column.
func Columns(text string, width int) string {
	var out, prose []string
	end := func() {
		if len(prose) > 0 {
			out = append(out, strings.TrimSuffix(fold(strings.Join(prose, " "), width, "", ""), "\n"))
		}
		prose = nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		if line != "" && line[0] != ' ' {
			prose = append(prose, strings.Fields(line)...)
			continue
		}
		end()
		if utf8.RuneCountInString(line) > width {
			at := column(line, width/2)
			line = strings.TrimSuffix(fold(line[at:], width, line[:at], strings.Repeat(" ", at)), "\n")
		}
		out = append(out, line)
	}
	end()
	return strings.Join(out, "\n")
}

// column is where the last column of a line begins, if that is before limit.
func column(line string, limit int) int {
	at := 0
	for i := range min(len(line), limit) {
		if line[i] != ' ' && (i == 0 || strings.HasSuffix(line[:i], "  ")) {
			at = i
		}
	}
	return at
}

package ui

import (
	"fmt"
	"strings"
)

// What a pane makes of one body: more than this nobody reads here, and laying it
// out must not be felt.
const (
	sheetBytes = 256 << 10 // that are looked at
	sheetLines = 2000      // that are shown
	sheetDepth = 24        // levels beyond which lines aren't indented further
)

// shownPart begins what is said of a body that isn't shown to its end, keptPart of one
// that wasn't kept to its end.
const (
	shownPart = "the pane shows "
	keptPart  = "only its first "
)

// partial reports whether a page has less than the whole of a body.
func (p page) partial() bool {
	for _, l := range p {
		if l.tone == toneWarn && l.label == "" && (strings.HasPrefix(l.text, shownPart) || strings.HasPrefix(l.text, keptPart)) {
			return true
		}
	}
	return false
}

// A sheet takes the lines of a body that is laid out for reading, so many at most.
type sheet struct {
	lines []string
	full  bool // there was more
}

// add appends a line, indented by so many levels.
func (s *sheet) add(depth int, text []byte) {
	if len(s.lines) == sheetLines {
		s.full = true
		return
	}
	const blanks = "                                                "
	s.lines = append(s.lines, blanks[:2*min(depth, sheetDepth)]+string(text))
}

// sheet appends b as lay makes lines of it, and says what was left out.
func (p *page) sheet(b []byte, lay func([]byte, *sheet)) {
	seen := b[:min(len(b), sheetBytes)]
	var s sheet
	lay(seen, &s)
	for _, l := range s.lines {
		p.text(l)
	}
	switch {
	case s.full:
		p.add("", fmt.Sprintf(shownPart+"and searches %d lines, not what comes after them; %s in all", sheetLines, size(int64(len(b)))), toneWarn)
	case len(seen) < len(b):
		p.add("", fmt.Sprintf(shownPart+"and searches the first %s of %s", size(sheetBytes), size(int64(len(b)))), toneWarn)
	}
}

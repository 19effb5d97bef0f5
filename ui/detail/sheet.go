package detail

import (
	"fmt"

	"detour/internal/wording"
	"detour/ui/pane"
)

// What a pane makes of one body: more than this nobody reads here, and laying it
// out must not be felt.
const (
	sheetBytes = 256 << 10 // that are looked at
	sheetLines = 2000      // that are shown
	sheetDepth = 24        // levels beyond which lines aren't indented further
)

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

// addSheet appends b as lay makes lines of it, and says what was left out.
func addSheet(p *pane.Page, b []byte, lay func([]byte, *sheet)) {
	seen := b[:min(len(b), sheetBytes)]
	var s sheet
	lay(seen, &s)
	for _, l := range s.lines {
		p.AddBody(l)
	}
	switch {
	case s.full:
		p.AddPartial(fmt.Sprintf("only the first %d lines are shown and searched; %s in total", sheetLines, wording.Bytes(int64(len(b)))))
	case len(seen) < len(b):
		p.AddPartial(fmt.Sprintf("only the first %s of %s are shown and searched", wording.Bytes(sheetBytes), wording.Bytes(int64(len(b)))))
	}
}

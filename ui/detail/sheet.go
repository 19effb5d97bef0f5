package detail

import (
	"fmt"

	"detour/internal/wording"
	"detour/ui/pane"
)

// Limits of a formatted body: nobody reads more here, and formatting it must not be
// noticed.
const (
	sheetBytes = 256 << 10 // that are formatted
	sheetLines = 2000      // that are shown
	sheetDepth = 24        // deepest indentation, in levels
)

// A sheet collects the lines of a formatted body, up to a limit.
type sheet struct {
	lines []string
	full  bool // there was more
}

// add appends a line, indented by depth levels.
func (s *sheet) add(depth int, text []byte) {
	if len(s.lines) == sheetLines {
		s.full = true
		return
	}
	const blanks = "                                                "
	s.lines = append(s.lines, blanks[:2*min(depth, sheetDepth)]+string(text))
}

// addSheet appends b as format breaks it into lines, and says what was omitted.
func addSheet(p *pane.Page, b []byte, format func([]byte, *sheet)) {
	seen := b[:min(len(b), sheetBytes)]
	var s sheet
	format(seen, &s)
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

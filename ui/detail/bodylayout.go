package detail

import (
	"fmt"

	"detour/internal/wording"
	"detour/ui/pane"
)

// Limits of a formatted body: nobody reads more here, and formatting it must not be
// noticed.
const (
	maxBodyBytes = 256 << 10 // that are formatted
	maxBodyLines = 2000      // that are shown
	maxBodyDepth = 24        // deepest indentation, in levels
)

// A bodyLayout collects the lines of a formatted body, up to a limit.
type bodyLayout struct {
	lines []string
	full  bool // there was more
}

// add appends a line, indented by depth levels.
func (s *bodyLayout) add(depth int, text []byte) {
	if len(s.lines) == maxBodyLines {
		s.full = true
		return
	}
	const blanks = "                                                "
	s.lines = append(s.lines, blanks[:2*min(depth, maxBodyDepth)]+string(text))
}

// addBody appends b as format breaks it into lines, and says what was omitted.
func addBody(p *pane.Page, b []byte, format func([]byte, *bodyLayout)) {
	seen := b[:min(len(b), maxBodyBytes)]
	var s bodyLayout
	format(seen, &s)
	for _, l := range s.lines {
		p.AddBody(l)
	}
	switch {
	case s.full:
		p.AddPartial(fmt.Sprintf("only the first %d lines are shown and searched; %s in total", maxBodyLines, wording.Bytes(int64(len(b)))))
	case len(seen) < len(b):
		p.AddPartial(fmt.Sprintf("only the first %s of %s are shown and searched", wording.Bytes(maxBodyBytes), wording.Bytes(int64(len(b)))))
	}
}

package ui

import (
	"fmt"
	"slices"
	"strconv"

	"detour/ui/text"
)

// A scroll is where a text pane is scrolled to.
type scroll struct {
	top   int
	left  int   // cells that are out of sight on the left, where lines aren't wrapped
	page  int   // height, as drawn last
	total int   // laid lines, as drawn last
	hits  []int // those that have what is searched for, as drawn last
	hit   int   // the one that was gone to, plus one; 0: none
	aim   bool  // the next drawing brings the hit into sight from the side
	seek  bool  // the next drawing goes to the first hit from top on
}

// start goes to the beginning of another text.
func (s *scroll) start() { s.top, s.left, s.hit = 0, 0, 0 }

// move goes by n lines, within what there is.
func (s *scroll) move(n int) { s.top = max(0, min(s.top+n, s.total-s.page)) }

// sideways goes by n cells.
func (s *scroll) sideways(n int) { s.left = max(0, min(s.left+n, text.MaxLine)) }

// find goes to the next line that has what is searched for, from what is seen
// on and around the end; or to the one before.
func (s *scroll) find(back bool) {
	if len(s.hits) == 0 {
		return
	}
	from := s.hit - 1
	if from < s.top || from >= s.top+s.page {
		from = s.top - 1
		if back {
			from = s.top
		}
	}
	i, here := slices.BinarySearch(s.hits, from)
	switch {
	case back:
		i--
	case here:
		i++
	}
	s.goTo(s.hits[(i+len(s.hits))%len(s.hits)])
}

// goTo goes to a line that has what is searched for.
func (s *scroll) goTo(line int) {
	s.hit, s.aim = line+1, true
	s.show(line)
}

// show brings a line into sight, with some lines before it.
func (s *scroll) show(line int) {
	if line < s.top || line >= s.top+s.page {
		s.top = line
		s.move(-s.page / 3)
	}
}

// where says which part is seen, "" if all is; and which hit was gone to.
func (s *scroll) where() string {
	at := ""
	if s.total > s.page {
		at = strconv.Itoa(s.top+1) + "–" + strconv.Itoa(min(s.top+s.page, s.total)) + " of " + strconv.Itoa(s.total)
	}
	if i, here := slices.BinarySearch(s.hits, s.hit-1); here {
		at = fmt.Sprintf("found %d of %d", i+1, len(s.hits)) + map[bool]string{true: " · "}[at != ""] + at
	}
	return at
}

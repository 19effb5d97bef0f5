package pane

import (
	"fmt"
	"slices"
	"strconv"

	"detour/ui/text"
)

// A Scroll is where a text pane is scrolled to. The zero value is its top.
type Scroll struct {
	Top    int   // first row in sight
	left   int   // cells out of sight on the left, where lines are cut
	Height int   // rows in sight, as drawn last
	Total  int   // all rows, as drawn last
	Hits   []int // rows with the search term, as drawn last
	hit    int   // the current one of Hits, plus one; 0: none
	aim    bool  // the next drawing brings the hit into sight from the side
	Seek   bool  // the next drawing goes to the first hit from top on
}

// Reset goes to the beginning, for another text.
func (s *Scroll) Reset() { s.Top, s.left, s.hit = 0, 0, 0 }

// Move goes n rows down, or up if n is negative, within the text.
func (s *Scroll) Move(n int) { s.Top = max(0, min(s.Top+n, s.Total-s.Height)) }

// MoveSideways goes n cells to the right, or to the left if n is negative.
func (s *Scroll) MoveSideways(n int) { s.left = max(0, min(s.left+n, text.MaxLine)) }

// Find goes to the next row with the search term, from what is in sight and on around the
// end; or to the previous one.
func (s *Scroll) Find(back bool) {
	if len(s.Hits) == 0 {
		return
	}
	from := s.hit - 1
	if from < s.Top || from >= s.Top+s.Height {
		from = s.Top - 1
		if back {
			from = s.Top
		}
	}
	i, here := slices.BinarySearch(s.Hits, from)
	switch {
	case back:
		i--
	case here:
		i++
	}
	s.goTo(s.Hits[(i+len(s.Hits))%len(s.Hits)])
}

// goTo goes to a row with the search term.
func (s *Scroll) goTo(line int) {
	s.hit, s.aim = line+1, true
	s.Show(line)
}

// Show brings a row into sight, with some rows before it.
func (s *Scroll) Show(line int) {
	if line < s.Top || line >= s.Top+s.Height {
		s.Top = line
		s.Move(-s.Height / 3)
	}
}

// Position says which part is in sight and which match is the current one: "found 1 of 3
// · 1–20 of 80". It is "" if all is in sight.
func (s *Scroll) Position() string {
	at := ""
	if s.Total > s.Height {
		at = strconv.Itoa(s.Top+1) + "–" + strconv.Itoa(min(s.Top+s.Height, s.Total)) + " of " + strconv.Itoa(s.Total)
	}
	if i, here := slices.BinarySearch(s.Hits, s.hit-1); here {
		at = fmt.Sprintf("found %d of %d", i+1, len(s.Hits)) + map[bool]string{true: " · "}[at != ""] + at
	}
	return at
}

package ui

import (
	"context"
	"fmt"
	"testing"
	"unicode"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/detail"
	"detour/ui/flowtest"
)

// checkCells fails if a cell has anything but printable characters.
func checkCells(t *testing.T, term *terminal) {
	t.Helper()
	term.mu.Lock()
	defer term.mu.Unlock()
	for i, c := range term.cells {
		if s := string(c.Runes); s != "" && flow.EmojiSequence(s) == len(s) {
			continue
		}
		for _, r := range c.Runes {
			if !unicode.IsPrint(r) && r != 0 {
				t.Fatalf("cell %d,%d has %U", i%term.w, i/term.w, r)
			}
		}
	}
}

func TestHostileText_isHarmlessInTableDetailAndFindings(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {160, 50}} {
		for i, text := range flowtest.HostileTexts() {
			if len(text) > 1<<16 && size[0] > 80 {
				continue // once is slow enough
			}
			t.Run(fmt.Sprintf("%d-%d", size[0], i), func(t *testing.T) {
				t.Parallel() // most of it is waiting for the next frame
				harmless(t, size, i, text)
			})
		}
	}
}

// harmless goes through every pane of a flow, and of a finding, all of whose texts
// are the i-th hostile one.
func harmless(t *testing.T, size [2]int, i int, text string) {
	finding := flow.Finding{
		Level: flow.LevelProblem, Code: text, Title: text, Because: []string{text}, Alternatives: []string{text},
		Try: []flow.NextStep{{Text: text, Command: text}}, Asks: []flow.Ask{{
			Of:   flow.NetworkTeam,
			What: text,
		}}, Hosts: []string{text}, Flows: []flow.ID{1},
	}
	src := &stage{flows: []*flow.Flow{flowtest.Hostile(text), flowtest.Plain(2)}, findings: []flow.Finding{finding}}
	act := Actions{Copy: func(context.Context, string) []string { return []string{"pbcopy"} }}
	opt := Options{Facts: func() []Fact { return []Fact{{"fact", text}} }, Steps: []flow.Step{{At: flowtest.Start, Text: text}}}
	s := start(t, size[0], size[1], src, act, opt)
	s.sees("EC2 Describe2")
	checkCells(t, s.term)
	s.checkColumns(i)
	s.types(":")
	s.pastes("columns id deny policy batch range note page")
	s.types(tcell.KeyEnter)
	s.sees("DENIED BY")
	checkCells(t, s.term)
	s.types("g", tcell.KeyEnter, tcell.KeyEnter)
	s.sees("Overview")
	checkCells(t, s.term)
	for i, tab := range detail.Tabs() {
		s.types(string(rune('1' + i)))
		s.sees(fmt.Sprintf("[%d %s]", i+1, tab.Name))
		checkCells(t, s.term)
		s.types(tcell.KeyPgDn, tcell.KeyEnd)
		checkCells(t, s.term)
	}
	s.types("w/e", tcell.KeyEnter, "nn")
	s.sees("found ")
	s.types("lll")
	checkCells(t, s.term)
	s.types("w", tcell.KeyEscape, "p")
	s.sees("PRESENTER")
	checkCells(t, s.term)
	s.types("py", "yy")
	s.sees("copied")
	checkCells(t, s.term)
	s.types("!")
	s.sees("Finding 1 of 1")
	checkCells(t, s.term)
	s.types(tcell.KeyCtrlC)
	_ = s.ended()
}

// checkColumns fails if the row of the hostile flow, which is above a plain
// one, has a column that begins elsewhere.
func (s *session) checkColumns(n int) {
	s.Helper()
	s.term.mu.Lock()
	defer s.term.mu.Unlock()
	w := s.term.w
	line := func(y int) []tcell.SimCell { return s.term.cells[y*w : (y+1)*w] }
	at := func(cells []tcell.SimCell, text string) int {
		for x := 0; x+len(text) <= w; x++ {
			got := ""
			for _, c := range cells[x : x+len(text)] {
				got += string(c.Runes)
			}
			if got == text {
				return x
			}
		}
		return -1
	}
	for y := 0; y+1 < s.term.h; y++ {
		title := at(line(y), "ORIGIN")
		if title < 0 {
			continue
		}
		if got := at(line(y+1), "direct"); got != title {
			s.Errorf("text %d: the origin of the row is at %d, its title at %d", n, got, title)
		}
		dns := at(line(y), "DNS")
		if got := at(line(y+1), "public"); got != dns {
			s.Errorf("text %d: the DNS column of the row is at %d, its title at %d", n, got, dns)
		}
		if result := max(at(line(y), "STATUS"), at(line(y), "RESULT")); at(line(y+1), "403") != result {
			s.Errorf("text %d: the status of the row is at %d, its title at %d", n, at(line(y+1), "403"), result)
		}
		return
	}
	s.Errorf("text %d: there is no table", n)
}

// TestHostileText_tagsAreShown: markup in a text is text.
func TestHostileText_tagsAreShown(t *testing.T) {
	s := start(t, 200, 50, &stage{flows: []*flow.Flow{flowtest.Hostile("[red]tag[-:-:-]")}}, Actions{}, Options{})
	s.sees("[red]tag[-:-:-] [red]tag[-:-:-]")
}

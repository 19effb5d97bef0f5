package ui

import (
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

func TestSearch_goesFromLineToLine(t *testing.T) {
	s := start(t, 80, 24, &stage{flows: flowtest.WithBodies()}, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("G", tcell.KeyTab, "6/NAMESERVER")
	s.sees("found 1 of ")
	s.sees(`▸      "nameserver": "10.0.0.2:53",`)
	s.types(tcell.KeyEnter, "n")
	s.sees("found 2 of 3")
	s.types("nn") // around the end
	s.sees("found 1 of 3")
	s.types("N")
	s.sees("found 3 of 3")
	s.types("1")
	s.sees("not found")
	s.types("n")
	s.sees("n N: not found in this pane")
	s.types("4")
	s.types("n")
	s.sees("found 1 of 1")
	s.types(tcell.KeyEscape)
	s.lacks("found")
	s.types("n")
	s.sees("no search")
	s.types("/zzz", tcell.KeyEscape)
	s.lacks("not found")
	s.sees("[4 DNS]")
	s.types(tcell.KeyEscape)
	s.lacks("[4 DNS]")
}

func TestSearch_marksWhatItFinds(t *testing.T) {
	s := start(t, 80, 24, &stage{flows: flowtest.WithBodies()}, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("G", tcell.KeyTab, "/describeregions")
	s.sees("/describeregions")
	s.types(tcell.KeyEnter)
	s.sees("1–6 tabs")
	s.term.mu.Lock()
	defer s.term.mu.Unlock()
	marked := ""
	for _, c := range s.term.cells[3*s.term.w:] {
		if _, _, attr := c.Style.Decompose(); attr&tcell.AttrReverse != 0 {
			marked += string(c.Runes)
		}
	}
	if !strings.HasPrefix(marked, "DescribeRegions") {
		t.Errorf("marked is %q", marked)
	}
}

func TestWrap_canBeSwitchedOff(t *testing.T) {
	s := start(t, 80, 24, &stage{flows: flowtest.WithBodies()}, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("G", tcell.KeyTab, "3")
	s.sees("explicit deny")
	s.types("l")
	s.sees("h l: lines are wrapped; w cuts them")
	s.types("w")
	s.sees("is not authorized, with …")
	s.types("lll")
	s.sees("with an explicit deny in a VPC endpoint policy")
	s.types("hhh/endpoint policy")
	s.sees("found 1 of")
	s.sees("deny in a VPC endpoint policy")
	s.types(tcell.KeyEscape, "w")
	s.sees("lines are wrapped")
}

// TestSearch_saysThatItSearchesAPart: a body is shown to its 2000th line, and what isn't
// shown isn't searched.
func TestSearch_saysThatItSearchesAPart(t *testing.T) {
	f := flowtest.Plain(1)
	f.Response.Body = []byte("[" + strings.Repeat("\"a\",", 3000) + "\"needle\"]")
	f.Response.BodySize = int64(len(f.Response.Body))
	s := start(t, 100, 24, &stage{flows: []*flow.Flow{f}}, Actions{}, Options{})
	s.sees("EC2 Describe1")
	s.types("g", tcell.KeyEnter, "3/needle")
	s.sees("not found in the part that is shown")
	s.types(tcell.KeyEnter, "n")
	s.sees("n N: not found in the part that is shown")
	s.types(tcell.KeyEscape, "2/needle")
	s.sees(" not found ")
	s.lacks("in the part")
}

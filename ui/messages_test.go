package ui

import (
	"context"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/ui/flowtest"
)

// TestMessages_canBeReadAgain, the newest one last, with their times.
func TestMessages_canBeReadAgain(t *testing.T) {
	copied := make(chan string, 1)
	src := finished()
	s := start(t, 80, 24, src, Actions{Copy: func(_ context.Context, text string) []string { copied <- text; return []string{"pbcopy"} }}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("4")
	s.sees("hosts: AWS calls by host")
	s.types("1KK")
	s.sees("K does nothing here")
	s.types(":messages", tcell.KeyEnter)
	text := s.sees("▸ messages")
	first, last := strings.Index(text, "10:28:13      hosts: AWS calls by host"), strings.Index(text, "K does nothing here; ? lists the keys (2 times)")
	if first < 0 || last < first {
		t.Errorf("messages are\n%s", text)
	}
	s.types("/does not", tcell.KeyEnter)
	s.sees("found 1 of 1")
	s.types("y")
	if got := <-copied; !strings.Contains(got, "K does nothing here") {
		t.Errorf("copied is %q", got)
	}
	s.types(tcell.KeyEscape, "q")
	s.lacks("▸ messages")
}

// TestMessages_areMasked, also those of before.
func TestMessages_areMasked(t *testing.T) {
	s := start(t, 120, 30, &stage{flows: flowtest.Story(true)}, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("/host:payroll.corp.example", tcell.KeyEnter, ":save 7 mine", tcell.KeyEnter)
	s.sees("host:payroll.corp.example")
	s.types("p:messages", tcell.KeyEnter)
	text := s.sees("▸ messages")
	if !strings.Contains(text, "mine, for this run") || strings.Contains(text, "payroll") || strings.Contains(text, "corp") {
		t.Errorf("messages are\n%s", text)
	}
}

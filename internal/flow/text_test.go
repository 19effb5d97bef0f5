package flow

import (
	"fmt"
	"testing"
)

func TestFields_areSortedByNameAndKeepTheOrderOfOneName(t *testing.T) {
	got := Fields(map[string][]string{"B": {"2", "1"}, "A": {""}, "C": nil})
	if s := fmt.Sprint(got); s != "[{A } {B 2} {B 1}]" {
		t.Errorf("got %s", s)
	}
}

func TestPrintable_nothingMovesTheCursor(t *testing.T) {
	if got := Printable("a\x1b[2J\u202e\u009b\nü 東"); got != "a\uFFFD[2J\uFFFD\uFFFD\uFFFDü 東" {
		t.Errorf("got %q", got)
	}
}

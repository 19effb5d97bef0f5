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

func TestEscape_nothingIsMarkup(t *testing.T) {
	if got, want := Escape("<b>|`x` *a*_b_ [l](u) #1 ~~s~~ \\ &#x202e;\n- x"), "&lt;b&gt;\\|\\`x\\` \\*a\\*\\_b\\_ \\[l\\](u) \\#1 \\~\\~s\\~\\~ \\\\ &amp;\\#x202e;\uFFFD- x"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

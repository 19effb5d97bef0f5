package pane

import (
	"fmt"
	"strings"
	"testing"

	"detour/ui/text"
)

// TestLayout_findsAcrossABreak: where a line was broken doesn't matter to a search.
func TestLayout_findsAcrossABreak(t *testing.T) {
	p := Page{{Text: "abcdefghij", Tone: Body}, {Label: "x-label", Text: "one two"}}
	laid := Layout(p, 6, Reading{Find: "def"})
	if got := fmt.Sprint(laid[0].inText, laid[1].inText, laid[2].inText); got != "[{3 4}] [{0 2}] []" {
		t.Errorf("got %s in %v", got, laid)
	}
	if laid := Layout(p, 40, Reading{Find: "LABEL"}); fmt.Sprint(laid[1].inLabel) != "[{2 7}]" {
		t.Errorf("a label isn't searched: %v", laid)
	}
}

// TestPage_capsHugeTexts: a header of a megabyte is cut, and said to be.
func TestPage_capsHugeTexts(t *testing.T) {
	var p Page
	p.Add("cookie", strings.Repeat("x", 1<<20), Plain)
	s := PlainText(p)
	if n := len(s); n > text.MaxLine+64 || !strings.HasSuffix(s, "(1044480 more bytes)\n") {
		t.Errorf("%d bytes, ending %q", n, s[n-30:])
	}
}

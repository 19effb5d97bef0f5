package detail

import (
	"testing"
	"unicode"

	"detour/ui/flowtest"
)

func TestIndented_isSafeToPasteAndTheSame(t *testing.T) {
	for _, s := range append(flowtest.HostileTexts()[:10:10], "\x1b[201~id\n", "a\tb", "é'\x01") {
		got := JSON(map[string]string{"a": s})
		for _, r := range got {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("%q has %U", got, r)
			}
		}
	}
	if got := JSON("\U000e0067\u202e"); got != `"\udb40\udc67\u202e"`+"\n" {
		t.Errorf("got %s", got)
	}
}

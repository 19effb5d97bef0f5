package nearest

import (
	"strings"
	"testing"
)

func TestWord_isTheOneThatWasMeant(t *testing.T) {
	words := []string{"browser", "resolver", "reference-resolver", "connect-timeout", "ui", "host", "log", "trust", "untrust"}
	for s, want := range map[string]string{
		"browsr": "browser", "resolvers": "resolver", "conect-timeout": "connect-timeout", "trsut": "trust",
		"hots": "host", "ref": "reference-resolver", // begins with it
		"iu": "", "colour": "", "lang": "", "ho": "host", "": "", "u": "", // too short, or not similar
		"Browser": "browser",
	} {
		if got := Word(s, words); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
	if got := Word(strings.Repeat("browser", 10), []string{strings.Repeat("browser", 10) + "s"}); !strings.HasSuffix(got, "s") {
		t.Errorf("a long word that another begins with: %q", got)
	}
	if got := Word(strings.Repeat("browser", 1000), []string{strings.Repeat("browser", 999)}); got != "" {
		t.Error("a long word is compared with others")
	}
}

func TestDistance_countsASwapOfNeighboursOnce(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"mark", "mrak", 1}, {"kitten", "sitting", 3}, {"a", "a", 0}} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("%q and %q: %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}

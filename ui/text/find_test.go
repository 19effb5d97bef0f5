package text

import (
	"fmt"
	"strings"
	"testing"
)

func TestFind_inAnyCaseAndWhole(t *testing.T) {
	for _, c := range []struct{ text, want, got string }{
		{"abcABC", "bc", "[{1 3} {4 6}]"},
		{"aaaa", "aa", "[{0 2} {2 4}]"},
		{"abc", "", "[]"},
		{"ab", "abc", "[]"},
		{"東京リージョン", "京リ", "[{3 9}]"},
		{"ÄÖ", "äö", "[{0 4}]"},
		{"e\u0301x", "e", "[{0 3}]"}, // with its accent
		{"K\u212A", "k", "[{0 1} {1 4}]"},
	} {
		if got := fmt.Sprint(Find(c.text, c.want)); got != c.got {
			t.Errorf("Find(%q, %q) = %s, want %s", c.text, c.want, got, c.got)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("abc", "B")
	f.Add("e\u0301\u0301", "e")
	f.Add("\xff\xfe", "\xfe")
	f.Fuzz(func(t *testing.T, s, want string) {
		s, want = Clean(s), Clean(want)
		end := 0
		for _, m := range Find(s, want) {
			if m.From < end || m.To <= m.From || m.To > len(s) {
				t.Fatalf("Find(%q, %q) = %v", s, want, Find(s, want))
			}
			end = m.To
		}
		if want != "" && strings.Contains(s, want) && end == 0 {
			t.Fatalf("%q isn't found in %q", want, s)
		}
	})
}

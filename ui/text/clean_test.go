package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"detour/internal/flow"
)

func TestClean_showsWhatWouldSteerOrHide(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain text is left alone", "GET /a?b=[red]c[-]", "GET /a?b=[red]c[-]"},
		{"an escape sequence is seen", "\x1b[31mred\x1b[0m", "␛[31mred␛[0m"},
		{"an OSC with bell", "\x1b]0;title\x07", "␛]0;title␇"},
		{"line feeds, tabs, delete", "a\r\n\tb\x7f", "a␍␊␉b␡"},
		{"C1 controls", "a\u009b31mb", "a�31mb"},
		{"bytes that are no UTF-8", "a\xff\x9bb", "a��b"},
		{"bidi overrides and isolates", "user\u202etxt.exe\u2066x\u2069", "user�txt.exe�x�"},
		{"marks of direction", "a\u200e\u200f\u061cb", "a���b"},
		{"zero width", "ama\u200bzon\u2060\ufeff\u00ad", "ama�zon���"},
		{"joined emoji stay together", "👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 👩🏽\u200d🔧", "👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 👩🏽\u200d🔧"},
		{"more than four come apart", strings.Repeat("👩\u200d", 5) + "👩", strings.Repeat("👩\u200d", 3) + "👩�👩\u200d👩"},
		{"a joiner beside an emoji", "👩\u200da \u200d👩 a\u200d👩 👩\u200d", "👩�a �👩 a�👩 👩�"},
		{"two joiners", "👩\u200d\u200d👩", "👩��👩"},
		{"a joiner among letters", "ama\u200dzon", "ama�zon"},
		{"bidi within a sequence", "👩\u200d\u202e👩", "👩��👩"},
		{"variation selectors", "❤\ufe0f", "❤�"},
		{"tags", "🏴\U000e0067\U000e007f", "🏴��"},
		{"blank letters", "a\u3164\u115fb", "a��b"},
		{"Kanji and kana stay", "東京リージョン", "東京リージョン"},
		{"an accent stays on its letter", "e\u0301", "e\u0301"},
		{"a pile of marks is cut", "e\u0301\u0302\u0303\u0304", "e\u0301\u0302��"},
		{"a mark on nothing", "\u0301x", "�x"},
		{"spaces of other widths", "a\u00a0b\u3000c", "a b c"},
		{"dashes of three cells", "a\u2e3bb", "a�b"},
		{"private use", "\ue000", "�"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestFit_cutsToCells(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"東京都", 6, "東京都"},
		{"東京都", 5, "東京…"},
		{"東京都", 4, "東…"},
		{"東京都", 1, "…"},
		{"abc", 0, ""},
		{strings.Repeat("x", 1<<20), 4, "xxx…"},
		{strings.Repeat("e\u0301", 1<<18), 3, "e\u0301e\u0301…"},
	} {
		if got := Fit(c.in, c.w); got != c.want {
			t.Errorf("Fit(%.20q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
}

func TestWrap_losesNothing(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want []string
	}{
		{"", 10, []string{""}},
		{"one two three", 8, []string{"one two", "three"}},
		{"one two", 7, []string{"one two"}},
		{"https://example.com/path", 10, []string{"https://ex", "ample.com/", "path"}},
		{"a verylongwordhere", 8, []string{"a verylo", "ngwordhe", "re"}},
		{"東京都", 4, []string{"東京", "都"}},
		{"東", 1, []string{"東"}},
	} {
		got := Wrap(c.in, c.w)
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("Wrap(%q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
}

// FuzzClean: whatever comes in, only characters that print come out, and what is
// cut to a width has no more than that.
func FuzzClean(f *testing.F) {
	for _, s := range []string{
		"", "plain", "\x1b[2J", "\u202e", "👨\u200d👩", "e\u0301\u0301\u0301", "\xff", "한글", "🇯🇵🇯",
		"\u1100\u1161", "ก็", "a\u0600b",
	} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, w int) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Clean(%q) = %q isn't UTF-8", s, got)
		}
		for i, n := 0, 0; i < len(got); i += n {
			var r rune
			r, n = utf8.DecodeRuneInString(got[i:])
			if seq := flow.EmojiSequence(got[i:]); seq > 0 {
				n = seq
			} else if !unicode.IsPrint(r) {
				t.Fatalf("Clean(%q) has %U", s, r)
			}
		}
		if Clean(got) != got {
			t.Fatalf("Clean(%q) = %q is cleaned again to %q", s, got, Clean(got))
		}
		w = max(2, min(w, 200)) // in less than two cells, a wide character can't be wrapped
		if cut := Fit(s, w); Width(cut) > w {
			t.Fatalf("Fit(%q, %d) = %q has %d cells", s, w, cut, Width(cut))
		}
		for _, piece := range Wrap(got, w) {
			if Width(piece) > w {
				t.Fatalf("Wrap(%q, %d): %q has %d cells", got, w, piece, Width(piece))
			}
		}
	})
}

func TestFit_aJoinedEmojiIsTwoCellsWide(t *testing.T) {
	const family, kiss = "👩\u200d👩\u200d👧\u200d👦", "👩🏽\u200d❤\ufe0f\u200d💋\u200d👩🏽"
	for _, s := range []string{family, kiss} {
		if got := Width(Clean(s)); got != 2 {
			t.Errorf("%s is %d cells wide, want 2", s, got)
		}
		if got := Fit(strings.Repeat(s, 10), 20); got != strings.Repeat(s, 10) {
			t.Errorf("ten of them in 20 cells: %q", got)
		}
		if got := Fit(strings.Repeat(s, 10), 8); got != strings.Repeat(s, 3)+"…" {
			t.Errorf("ten of them in 8 cells: %q", got)
		}
	}
}

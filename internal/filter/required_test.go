package filter

import (
	"regexp"
	"regexp/syntax"
	"testing"
)

func TestRequired_isInEveryMatch(t *testing.T) {
	for expr, want := range map[string]string{
		"q$":                  "q",
		"^LOGS":               "logs",
		"a.*longer.*b":        "longer",
		"(monitoring|logs)x":  "x",
		"(a(bcd)+)e":          "bcd",
		"(abc){2,}":           "abc",
		"(abc){0,2}":          "",
		"(abc)?":              "",
		"(abc)*d":             "d",
		"a|b":                 "",
		"[ab]":                "",
		"":                    "",
		"é":                   "",
		"(?i)Ab(?-i)cde":      "cde",
		`\Qmonitoring.eu\E\d`: "monitoring.eu",
	} {
		re, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got := required(re); got != want {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}

// What the required text rules out doesn't match.
func FuzzPattern(f *testing.F) {
	for _, expr := range []string{"q$", "a.*b", "(ab)+c", "(?-i)AB", "(?s)a.b", "k", "s+", "x{2}", `\x{212A}`, "(?U)a+b", "[[:alpha:]]s"} {
		for _, s := range []string{"", "q", "AB", "abc", "ababc", "xX", "a\nb", "\u212a", "ſ", "ſS", "monitoring.eu-central-1.amazonaws.com"} {
			f.Add(expr, s)
		}
	}
	f.Fuzz(func(t *testing.T, expr, s string) {
		re, err := regexp.Compile(anyCase + expr)
		if err != nil {
			t.Skip()
		}
		p, err := compilePattern(anyCase + expr)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.in(s), re.MatchString(s); got != want {
			t.Errorf("%q in %q: %v, want %v", expr, s, got, want)
		}
	})
}

package lazyregexp

import (
	"regexp"
	"testing"
)

func TestNew_anInvalidExpressionFailsInTests(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no test would notice it")
		}
	}()
	New(`(`)
}

func TestRegexp_matchesAsPackageRegexpDoes(t *testing.T) {
	const expr, text = `(?P<kind>[a-z]+)-(\d+)`, "vpce-12, eni-7"
	lazy, eager := New(expr), regexp.MustCompile(expr)
	if !lazy.MatchString(text) || !lazy.Match([]byte(text)) || lazy.MatchString("x") {
		t.Error("it doesn't match")
	}
	if got, want := lazy.FindStringSubmatch(text), eager.FindStringSubmatch(text); len(got) != 3 || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := lazy.ReplaceAllString(text, "$kind"); got != "vpce, eni" {
		t.Errorf("got %q", got)
	}
	if names := lazy.SubexpNames(); len(names) != 3 || names[1] != "kind" {
		t.Errorf("got %q", names)
	}
}

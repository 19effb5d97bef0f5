package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"

	"detour/ui/text"
)

// TestPlainSigns_coverWhatTheScreenWrites: every sign in a text of this package, and of those
// whose sentences it shows.
func TestPlainSigns_coverWhatTheScreenWrites(t *testing.T) {
	plain := text.PlainSigns()
	for _, dir := range []string{".", "../internal/diagnose", "../internal/filter", "../internal/probe"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "signs.go" {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range text {
					if r >= utf8.RuneSelf && plain[r] == "" {
						t.Errorf("%s: nothing stands for %q", set.Position(lit.Pos()), r)
					}
				}
				return true
			})
		}
	}
	for r, s := range plain {
		if text.Width(s) != text.Width(string(r)) {
			t.Errorf("%q stands for %q, which is of another width", s, r)
		}
	}
}

// TestPlainSigns_onATerminalWithoutUTF8: nothing of what detour writes itself becomes a
// question mark.
func TestPlainSigns_onATerminalWithoutUTF8(t *testing.T) {
	for _, c := range []struct {
		keys []any
		sees string
	}{
		{nil, "4.0 s x2"},
		{[]any{"gjj", tcell.KeyEnter}, "- 1-18 of"},
		{[]any{"g", tcell.KeyEnter}, "DNS public 203.0.113.10 > TCP"},
		{[]any{"gjj", tcell.KeyEnter, tcell.KeyEnd}, "###"},
		{[]any{"gj"}, "\n>"},
		{[]any{"4"}, "WORST"},
		{[]any{"!"}, "-> findings"},
		{[]any{"c"}, "columns"},
		{[]any{":sort total", tcell.KeyEnter}, "totalv"},
	} {
		term := newTerminal(80, 24)
		term.SimulationScreen = tcell.NewSimulationScreen("US-ASCII")
		s := startOn(t, term, finished(), Actions{}, Options{})
		s.sees("DescribeInstances")
		s.types(c.keys...)
		text := strings.ReplaceAll(s.sees(c.sees), "? help", "")
		if i := strings.IndexFunc(text, func(r rune) bool { return r == '?' || r >= utf8.RuneSelf }); i >= 0 {
			t.Errorf("after %v, a sign that isn't ASCII: %q", c.keys, text[max(0, i-20):min(len(text), i+20)])
		}
	}
}

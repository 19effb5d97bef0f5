package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// eager are the regular expressions that a file compiles whenever a program with it starts: those
// of its variables, by their names. [detour/internal/lazyregexp] compiles on first use.
func eager(f *ast.File) (names []string) {
	for _, d := range f.Decls {
		vars, is := d.(*ast.GenDecl)
		if !is || vars.Tok != token.VAR {
			continue
		}
		ast.Inspect(vars, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.SelectorExpr:
				if of, is := x.X.(*ast.Ident); is && of.Name == "regexp" && strings.HasPrefix(x.Sel.Name, "MustCompile") {
					names = append(names, vars.Specs[0].(*ast.ValueSpec).Names[0].Name)
				}
			}
			return true
		})
	}
	return names
}

func TestCode_noRegexpIsCompiledAtTheStart(t *testing.T) {
	sources(t, func(path string, f file) {
		if strings.HasPrefix(f.dir, "internal/gen") || f.dir == "ui/web/webtest" { // not in the program
			return
		}
		for _, name := range eager(f.ast) {
			t.Errorf("%s: %s delays the start of every command: use lazyregexp", path, name)
		}
	})
}

func TestEager_sees(t *testing.T) {
	const text = `package x
import "regexp"
var a = regexp.MustCompile("a")
var b = []*regexp.Regexp{regexp.MustCompilePOSIX("b")}
var c = func() *regexp.Regexp { return regexp.MustCompile("c") }
func d() *regexp.Regexp { return regexp.MustCompile("d") }
`
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(eager(f), " "); got != "a b" {
		t.Errorf("sees %q, want a and b", got)
	}
}

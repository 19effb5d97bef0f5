package crosstest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestCross_typesAreRightOnOtherSystems checks the types of every package and of its tests for macOS and
// Windows. go vet says little more, but with an empty cache it compiles all that we import, which takes
// minutes; make full runs it.
func TestCross_typesAreRightOnOtherSystems(t *testing.T) {
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	declarations := func(set *token.FileSet, name string, src []byte) (*ast.File, error) {
		f, err := parser.ParseFile(set, name, src, parser.AllErrors|parser.SkipObjectResolution)
		if err == nil && !strings.HasPrefix(name, top) { // what others' functions do is theirs
			for _, d := range f.Decls {
				if d, is := d.(*ast.FuncDecl); is {
					d.Body = nil
				}
			}
		}
		return f, err
	}
	for _, system := range []string{"darwin", "windows"} {
		pkgs, err := packages.Load(&packages.Config{
			Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedTypesInfo |
				packages.NeedSyntax,
			Dir: top, Tests: true, ParseFile: declarations,
			Env: append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
		}, "./...")
		if err != nil {
			t.Fatal(err)
		}
		tests := 0
		for _, p := range pkgs {
			switch {
			case strings.HasSuffix(p.ID, ".test"):
				continue // the go command has written it
			case strings.HasSuffix(p.ID, ".test]"):
				tests++
			}
			for _, e := range p.Errors {
				t.Errorf("%s: %v", system, e)
			}
		}
		if tests < 50 {
			t.Errorf("%s: only %d of %d packages have tests", system, tests, len(pkgs))
		}
	}
}

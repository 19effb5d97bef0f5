package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"os"
	"slices"
	"testing"
)

// Bounds of what one reader can keep in mind.
const (
	maxPackageLines = 6000
	maxTypeMethods  = 70
)

// A tally is what a package has, tests aside.
type tally struct {
	lines   int
	methods map[string]int // by type
}

// add counts a file.
func (t *tally) add(f *ast.File, lines int) {
	t.lines += lines
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
			if t.methods == nil {
				t.methods = make(map[string]int)
			}
			t.methods[receiver(fn.Recv.List[0].Type)]++
		}
	}
}

// receiver is the name of a receiver's type.
func receiver(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return "?"
}

// tooLarge says what exceeds the bounds, unless roomy has a reason for it.
func tooLarge(dir string, t tally, roomy map[string]string) (wrong []string) {
	if t.lines > maxPackageLines && roomy[dir] == "" {
		wrong = append(wrong, fmt.Sprintf("%s has %d lines, more than %d: split it", dir, t.lines, maxPackageLines))
	}
	for name, n := range t.methods {
		if n > maxTypeMethods && roomy[dir+"."+name] == "" {
			wrong = append(wrong, fmt.Sprintf("%s.%s has %d methods, more than %d: split it", dir, name, n, maxTypeMethods))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// roomy are packages and types beyond the bounds, each with the reason.
var roomy = map[string]string{}

func TestSize_everyPackageAndTypeFitsInAHead(t *testing.T) {
	all := make(map[string]*tally)
	sources(t, func(p string, f file) {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if all[f.dir] == nil {
			all[f.dir] = &tally{}
		}
		all[f.dir].add(f.ast, bytes.Count(b, []byte("\n")))
	})
	for dir, x := range all {
		for _, w := range tooLarge(dir, *x, roomy) {
			t.Error(w)
		}
	}
}

func TestTooLarge_sees(t *testing.T) {
	big := tally{lines: maxPackageLines + 1, methods: map[string]int{"app": maxTypeMethods + 1, "small": 3}}
	if got := tooLarge("ui", big, nil); len(got) != 2 {
		t.Errorf("got %q, want a package and a type", got)
	}
	if got := tooLarge("ui", big, map[string]string{"ui": "a reason", "ui.app": "another"}); got != nil {
		t.Errorf("got %q in spite of the reasons", got)
	}
	if got := tooLarge("ui", tally{lines: maxPackageLines, methods: map[string]int{"app": maxTypeMethods}}, nil); got != nil {
		t.Errorf("got %q at the bounds", got)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"detour/internal/onwine"
)

// sign is put into every sentence of the scrambled program.
const sign = "¤"

var (
	twoWords  = regexp.MustCompile(`[A-Za-z]{2,} [A-Za-z]{2,}`)
	randomKey = regexp.MustCompile(`(redacted[:-][a-z]{1,10}[:-])[0-9a-f]{10}`)
)

// otherPrograms are packages whose sentences are those of other programs: error messages
// of AWS and of browsers, patterns of secrets, SQL.
var otherPrograms = []string{"internal/aws", "internal/redact", "internal/capture/disk", "internal/har/errortext.go", "internal/har/failurein.go"}

// scramble writes every file of the module anew with the sign after each word of its
// sentences, and returns an overlay for the go command.
func scramble(t *testing.T, root string) string {
	t.Helper()
	dir, replace := t.TempDir(), make(map[string]string)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case slices.Contains(otherPrograms, filepath.ToSlash(rel)) && !d.IsDir():
			return nil
		case d.IsDir() && (slices.Contains(otherPrograms, filepath.ToSlash(rel)) || strings.HasPrefix(rel, ".git") || d.Name() == "testdata" || d.Name() == "gen"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, n := scrambledFile(t, path)
		if n > 0 {
			replace[path] = filepath.Join(dir, strconv.Itoa(len(replace))+".go")
			return os.WriteFile(replace[path], text, 0o600)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(replace) < 100 {
		t.Fatalf("only %d files have sentences", len(replace))
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}

// scrambledFile is a file with signs in its sentences, and their number.
func scrambledFile(t *testing.T, path string) (text []byte, n int) {
	t.Helper()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(node ast.Node) bool {
		switch x := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			return x.Tag == nil
		case *ast.KeyValueExpr: // a command's name and its arguments
			if k, ok := x.Key.(*ast.Ident); ok && k.Name == "Use" {
				return false
			}
		case *ast.CallExpr:
			if s, ok := x.Fun.(*ast.SelectorExpr); ok && strings.HasSuffix(s.Sel.Name, "Compile") {
				return false
			}
		case *ast.BasicLit:
			s, err := strconv.Unquote(x.Value)
			if x.Kind == token.STRING && err == nil && twoWords.MatchString(s) && !strings.ContainsAny(s, "<{") {
				x.Value = strconv.Quote(strings.ReplaceAll(s, " ", sign+" "))
				n++
			}
		}
		return true
	})
	var b bytes.Buffer
	if err := format.Node(&b, files, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), n
}

// TestEnglish_noDecisionRestsOnASentence runs the program and one whose sentences are
// all others: what both say of the same files differs in nothing else.
func TestEnglish_noDecisionRestsOnASentence(t *testing.T) {
	onwine.Skip(t, "has no Go to build the other program with")
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	plain, scrambled := buildDetour(t), filepath.Join(t.TempDir(), "scrambled")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", scramble(t, root), "-o", scrambled, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	output := func(bin string, args ...string) (string, int) {
		c := exec.CommandContext(t.Context(), bin, args...)
		c.Env = append(os.Environ(), "DETOUR_CONFIG=none")
		out, err := c.Output()
		code := 0
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			code = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		return randomKey.ReplaceAllString(strings.ReplaceAll(string(out), sign, ""), "$1"), code
	}
	hars, err := filepath.Glob(filepath.Join(root, "internal", "har", "testdata", "*.har"))
	if err != nil || len(hars) < 10 {
		t.Fatalf("%d files: %v", len(hars), err)
	}
	said := 0
	for i, file := range hars {
		commands := [][]string{
			{"diagnose", "--json", file},
			{"diagnose", "--md", file},
			{"export", file, "--format", "jsonl"},
			{"export", file, "--format", "md"},
			{"diff", "--json", file, hars[(i+1)%len(hars)]},
		}
		for _, args := range commands {
			want, code := output(plain, args...)
			got, other := output(scrambled, args...)
			if got != want || other != code {
				t.Errorf("%s %s %s: exit %d instead of %d, and what differs is more than sentences:\n%s", args[0], args[1], filepath.Base(file), other, code, firstDifference(want, got))
			}
			said += strings.Count(want, `"code"`)
		}
	}
	if said < 10 {
		t.Errorf("only %d findings: the files show nothing", said)
	}
}

// firstDifference is the first line in which two texts differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			return "- " + x[i] + "\n+ " + strings.Join(y[min(i, len(y)):min(i+1, len(y))], "")
		}
	}
	return "+ " + strings.Join(y[min(len(x), len(y)):], "\n")
}

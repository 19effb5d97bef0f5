package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// searches are the functions that look for a text in another.
var searches = []string{
	"Contains", "Cut", "CutPrefix", "CutSuffix", "EqualFold", "HasPrefix", "HasSuffix", "Index", "LastIndex",
	"Split", "SplitN", "Trim", "TrimPrefix", "TrimSuffix",
}

// prose has two words in a row. Code that decides by such a text depends on how a
// sentence happens to be written.
var prose = regexp.MustCompile(`[A-Za-z]{2,} [A-Za-z]{2,}`)

// foreignWords are texts of other programs that code may look for, since these
// programs say it in no other way. Each has its source.
var foreignWords = map[string]string{
	"(for scoped queries)":                   "scutil --dns",
	"Windows NT":                             "User-Agent of browsers on Windows",
	"Encoded authorization failure message:": "EC2 API reference, DecodeAuthorizationMessage",
	"failure message: ":                      "EC2 API reference, DecodeAuthorizationMessage",
	"explicit deny in ":                      "IAM user guide, access denied error messages",
	"because no ":                            "IAM user guide, access denied error messages",
	"ClientVPN Endpoint":                     "the description that AWS gives interfaces of Client VPN",
	" allows the ":                           "IAM user guide, access denied error messages",
	"VPC endpoint policy":                    "IAM user guide, access denied error messages",
	"SQLite format 3\x00":                    "sqlite.org/fileformat.html, 1.3",
	"CREATE TABLE ":                          "sqlite.org/fileformat.html, 2.6",
	"security token":                         "STS API reference, common errors",
	"security token included in the request is expired": "STS API reference, common errors",
	"Credential should be scoped to":                    "IAM user guide, SigV4 errors",
	"remote error":                                      "crypto/tls, net.OpError.Op of an alert",
	"no application protocol":                           "crypto/tls, alert 120 (RFC 7301, 3.2)",
	"PRIVATE KEY":                                       "RFC 7468, 10 and 11",
	"No Trust Settings were found":                      "security(1) of macOS",
	"WebKit Web Inspector":                              "WebKit's HARBuilder.js, the name of the creator",
}

// hangsOnEnglish returns where code decides by a sentence: by looking for prose in a
// text, by comparing a text with prose, or by searching an error's message.
func hangsOnEnglish(f *ast.File) (wrong []string) {
	consts := constants(f)
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	judge := func(what string, operands ...ast.Expr) {
		foreign, message := false, false
		for _, x := range operands {
			text, ok := literal(x, consts)
			foreign = foreign || foreignWords[text] != ""
			if ok && prose.MatchString(text) && foreignWords[text] == "" {
				say("%s looks for the words %q: use a sentinel error, a typed field or a constant", what, text)
			}
			message = message || isMessage(x)
		}
		if message && !foreign && !strings.Contains(what, ".Trim") { // trimming decides nothing
			say("%s searches an error's message: use errors.Is, errors.As or a typed field", what)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			s, ok := n.Fun.(*ast.SelectorExpr)
			x, isPkg := selected(s)
			if !ok || !isPkg {
				return true
			}
			inText := (x == "strings" || x == "bytes") && slices.Contains(searches, s.Sel.Name)
			if inText || x == "slices" && strings.HasPrefix(s.Sel.Name, "Contains") {
				judge(x+"."+s.Sel.Name, n.Args...)
			}
		case *ast.IndexExpr:
			judge("an index", n.Index)
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				judge(n.Op.String(), n.X, n.Y)
			}
		case *ast.SwitchStmt:
			if n.Tag != nil {
				judge("switch", n.Tag)
			}
			for _, c := range n.Body.List {
				if n.Tag != nil {
					judge("case", c.(*ast.CaseClause).List...)
				}
			}
		}
		return true
	})
	return wrong
}

// selected is the name before the dot of a selector, if it is a plain one.
func selected(s *ast.SelectorExpr) (name string, ok bool) {
	if s == nil {
		return "", false
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	return x.Name, true
}

// constants are the string constants of a file by their names.
func constants(f *ast.File) map[string]string {
	out := make(map[string]string)
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			for i, name := range v.Names {
				if i < len(v.Values) {
					if text, ok := literal(v.Values[i], out); ok {
						out[name.Name] = text
					}
				}
			}
		}
		return true
	})
	return out
}

// literal is the text of a string literal, of a constant, or of a conversion or a
// concatenation that has one.
func literal(x ast.Expr, consts map[string]string) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		if x.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(x.Value)
		return s, err == nil
	case *ast.Ident:
		s, ok := consts[x.Name]
		return s, ok
	case *ast.ParenExpr:
		return literal(x.X, consts)
	case *ast.BinaryExpr:
		a, aok := literal(x.X, consts)
		b, bok := literal(x.Y, consts)
		return a + b, x.Op == token.ADD && (aok || bok)
	case *ast.CallExpr:
		if _, isSlice := x.Fun.(*ast.ArrayType); isSlice && len(x.Args) == 1 {
			return literal(x.Args[0], consts)
		}
	}
	return "", false
}

// isMessage reports whether x is the result of an Error method.
func isMessage(x ast.Expr) bool {
	call, ok := x.(*ast.CallExpr)
	if !ok || len(call.Args) > 0 {
		return false
	}
	s, ok := call.Fun.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Error"
}

func TestEnglish_noCodeDependsOnASentence(t *testing.T) {
	stale := maps.Clone(foreignWords)
	sources(t, func(p string, f file) {
		for _, w := range hangsOnEnglish(f.ast) {
			t.Errorf("%s: %s", p, w)
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if x, ok := n.(*ast.BasicLit); ok {
				text, _ := literal(x, nil)
				delete(stale, text)
			}
			return true
		})
	})
	for text := range stale {
		t.Errorf("no code looks for %q any more: take it off the list", text)
	}
}

func TestHangsOnEnglish_sees(t *testing.T) {
	for name, body := range map[string]string{
		"a prefix of a sentence":   `_ = strings.HasPrefix(s, "only its first ")`,
		"a constant":               `const c = "the pane shows "; _ = strings.Contains(s, c)`,
		"an error's message":       `_ = strings.Contains(err.Error(), "timeout")`,
		"a comparison":             `_ = s == "no such host"`,
		"a comparison of messages": `_ = err.Error() == "EOF"`,
		"a case":                   `switch s { case "not found": }`,
		"bytes":                    `_ = bytes.Contains(b, []byte("ended after it"))`,
		"a sum":                    `_ = strings.TrimPrefix(s, "the browser ended "+s)`,
		"an element":               `_ = slices.Contains(list, "not found")`,
		"a key":                    `_ = m["not found"]`,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc _(s string, b []byte, err error) {\n"+body+"\n}\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(hangsOnEnglish(f)) == 0 {
			t.Errorf("%s goes unseen", name)
		}
	}
	fine := "package x\nfunc _(s string) {\n_ = strings.HasPrefix(s, \"https://\")\n_ = s == \"nxdomain\"\n}\n"
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", fine, 0)
	if err != nil {
		t.Fatal(err)
	}
	if w := hangsOnEnglish(f); w != nil {
		t.Errorf("what is fine is refused: %v", w)
	}
}

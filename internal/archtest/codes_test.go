package archtest

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"detour/internal/diagnose"
)

// TestCodes_onlyTheRulesKnowThem: what a finding says and asks for is in its rule, and
// nothing outside the rules depends on a finding's code.
func TestCodes_onlyTheRulesKnowThem(t *testing.T) {
	codes := make(map[string]bool)
	for _, r := range diagnose.Rules() {
		codes[r.Code] = true
	}
	delete(codes, "connect-timeout") // a flag has this name, too
	sources(t, func(p string, f file) {
		if f.dir == "internal/diagnose" || strings.HasSuffix(f.dir, "test") { // flows and findings for tests
			return
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && codes[s] {
					t.Errorf("%s names the rule %s", p, s)
				}
			}
			return true
		})
	})
}

package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"detour/internal/aws"
)

// namesDomain reports whether code has one of AWS's domains as such, and not only the
// name of a host below it: the beginning of a second list.
func namesDomain(f *ast.File, domains []string) (found []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		x, ok := n.(*ast.BasicLit)
		if !ok {
			return true
		}
		text, ok := literal(x, nil)
		if ok && strings.Contains(text, ".") && slices.Contains(domains, strings.Trim(text, ".")) {
			found = append(found, text)
		}
		return true
	})
	return found
}

// examples are the packages, and the single names in a package, that stand for no list
// of domains, each with the reason.
var examples = map[string]string{
	"internal/demo":   "the hosts of the simulated network",
	"internal/lab":    "the hosts of the simulated network",
	"internal/filter": "an example of a filter",

	"cmd/detour console.aws.amazon.com": "the server that doctor connects to",
}

func TestDomains_awsHasTheOnlyList(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	var domains []string
	for _, d := range tables.Domains() {
		domains = append(domains, d.Name)
	}
	if len(domains) < 20 {
		t.Fatalf("only %d domains are known", len(domains))
	}
	sources(t, func(p string, f file) {
		if f.dir == "internal/aws" || strings.HasPrefix(f.dir, "internal/gen") {
			return
		}
		for _, text := range namesDomain(f.ast, domains) {
			if examples[f.dir] == "" && examples[f.dir+" "+text] == "" {
				t.Errorf("%s names the domain %q: take it from aws.Tables as a value", p, text)
			}
		}
	})
}

func TestNamesDomain_sees(t *testing.T) {
	src := `package x
var a = []string{"amazonaws.com", ".api.aws", "logs.eu-west-1.amazonaws.com", "aws"}
`
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := namesDomain(f, []string{"amazonaws.com", "api.aws", "aws"}); !slices.Equal(got, []string{"amazonaws.com", ".api.aws"}) {
		t.Errorf("got %q", got)
	}
}

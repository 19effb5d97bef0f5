package account

import (
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/docgen"
)

var update = flag.Bool("update", false, "write the generated parts of docs/account.md anew")

func docsPage() string { return filepath.Join("..", "..", "docs", "account.md") }

func TestDocs_rulesAreOnTheirPage(t *testing.T) {
	var b strings.Builder
	for _, r := range Rules() {
		fmt.Fprintf(&b, "- **`%s`**: %s\n  Unknown: %s\n  <%s>\n", r.Check, r.Decides, r.Unknown, r.Source)
	}
	docgen.Section(t, docsPage(), "rules", wrap(b.String()), *update)
}

func TestDocs_policyIsOnItsPage(t *testing.T) {
	doc := m{"Version": "2012-10-17", "Statement": l{m{"Effect": "Allow", "Action": Actions(), "Resource": "*"}}}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	docgen.Section(t, docsPage(), "policy", "```json\n"+string(text)+"\n```\n", *update)
}

// wrap breaks the lines of a list after 118 characters.
func wrap(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\n")
		for len(line) > 118 {
			i := strings.LastIndexByte(line[:118], ' ')
			out, line = append(out, line[:i]), "  "+line[i+1:]
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n") + "\n"
}

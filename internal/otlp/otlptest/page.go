package otlptest

import (
	"os"
	"strings"
	"testing"
)

// SavedQuery returns a query of docs/fleet.md, whose path is page, by the name of its section.
func SavedQuery(t testing.TB, page, name string) string {
	t.Helper()
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(b), "<!-- begin "+name+":")
	section, _, _ = strings.Cut(section, "<!-- end "+name+" -->")
	_, query, _ := strings.Cut(section, "```text\n")
	query, _, ok := strings.Cut(query, "\n```")
	if !ok {
		t.Fatalf("%s has no query %q", page, name)
	}
	return query
}

// Package docgen keeps the generated parts of the documentation up to date. It is for
// tests: [Section] compares a part of a page with what the program says, or writes it.
package docgen

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Section fails a test if a page's section isn't want, a text that ends with a newline.
// A section stands between the comments <!-- begin NAME: … --> and <!-- end NAME -->, each
// a line. With update, it is written first.
func Section(t testing.TB, page, name, want string, update bool) {
	t.Helper()
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := replace(string(b), name, want)
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	if fresh == string(b) {
		return
	}
	if !update {
		t.Errorf("%s: the section %q is out of date: run make golden, or go test -run Docs -update in this package", page, name)
		return
	}
	if err := os.WriteFile(page, []byte(fresh), 0o644); err != nil { //nolint:gosec // a page of the documentation
		t.Fatal(err)
	}
}

// replace puts a text between a section's comments.
func replace(page, name, text string) (string, error) {
	_, after, ok := strings.Cut(page, "<!-- begin "+name+":")
	if !ok {
		return "", fmt.Errorf("there is no <!-- begin %s: … -->", name)
	}
	_, after, ok = strings.Cut(after, "-->\n")
	end := "<!-- end " + name + " -->"
	_, rest, found := strings.Cut(after, end)
	if !ok || !found {
		return "", fmt.Errorf("there is no %s", end)
	}
	return page[:len(page)-len(after)] + "\n" + text + "\n" + end + rest, nil
}

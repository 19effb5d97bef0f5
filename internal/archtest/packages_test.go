package archtest

import (
	"flag"
	"fmt"
	"go/doc"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"detour/internal/docgen"
)

var update = flag.Bool("update", false, "write the list of packages in docs anew")

// A pkg is a package of ours that isn't a test's.
type pkg struct {
	dir      string // from the module's root
	synopsis string // the first sentence of its comment, without "Package x"
}

// packages are all of this module.
func packages(t *testing.T) []pkg {
	t.Helper()
	found := map[string]pkg{}
	sources(t, func(_ string, f file) {
		if strings.HasPrefix(f.dir, "internal/gen") { // a module of its own
			return
		}
		p := found[f.dir]
		p.dir = f.dir
		if f.ast.Doc != nil && p.synopsis == "" {
			p.synopsis = synopsis(f.ast.Doc.Text(), f.ast.Name.Name)
		}
		found[f.dir] = p
	})
	var out []pkg
	for _, p := range found {
		if p.synopsis == "" {
			t.Errorf("%s has no package comment", p.dir)
		}
		out = append(out, p)
	}
	// From the top down: a package stands above all that it may import.
	slices.SortFunc(out, func(a, b pkg) int {
		if d := height(b.dir) - height(a.dir); d != 0 {
			return d
		}
		return strings.Compare(a.dir, b.dir)
	})
	return out
}

var docLink = regexp.MustCompile(`\[([A-Za-z_.]+)\]`)

// synopsis is what a package's comment says first.
func synopsis(comment, name string) string {
	s := doc.Synopsis(comment) //nolint:staticcheck // the comments have no links to other packages
	for _, prefix := range []string{"Package " + name + " ", "Command detour ", "Detour "} {
		s = strings.TrimPrefix(s, prefix)
	}
	return strings.TrimSuffix(docLink.ReplaceAllString(s, "$1"), ".")
}

// height is the length of the longest chain of imports that begins at a package.
func height(dir string) int {
	h := 0
	for _, below := range uses[dir] {
		h = max(h, 1+height(below))
	}
	return h
}

func packageList(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| package | what it does | may import |\n|---|---|---|\n")
	for _, p := range packages(t) {
		name := "`" + p.dir + "`"
		if slices.Contains(pure, p.dir) {
			name += " (pure)"
		}
		var below []string
		for _, u := range uses[p.dir] {
			below = append(below, "`"+strings.TrimPrefix(u, "internal/")+"`")
		}
		slices.Sort(below)
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, strings.ReplaceAll(p.synopsis, "|", `\|`), strings.Join(below, ", "))
	}
	return b.String()
}

func TestDocs_directionsAreOnTheirPage(t *testing.T) {
	docgen.Section(t, filepath.Join(root(t), "docs", "internals", "how-it-works.md"), "packages", packageList(t), *update)
}

func TestSynopsis_isTheFirstSentence(t *testing.T) {
	const comment = "Package x turns [Flows] into\nrows. It does more."
	if got, want := synopsis(comment, "x"), "turns Flows into rows"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

package licences

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write notices.txt anew")

// TestDocs_noticesAreComplete: notices.txt has what is linked into the program, and nothing
// that mustn't be.
func TestDocs_noticesAreComplete(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("go is not installed")
	}
	want := write(t, collect(t))
	if want == notices || t.Failed() {
		return
	}
	if !*update {
		t.Error("notices.txt is out of date: run make golden, or go test -run Docs -update in this package")
		return
	}
	if err := os.WriteFile("notices.txt", []byte(want), 0o644); err != nil { //nolint:gosec // it is for everybody
		t.Fatal(err)
	}
}

func TestList_hasTheLicencesOfAllParts(t *testing.T) {
	all := List().Entries
	has := map[string]string{}
	for _, e := range all {
		has[e.Name] = e.Text
		if e.Text == "" || !strings.Contains(Texts(), "\n"+e.Name+": ") {
			t.Errorf("%+v has no licence or no text", e)
		}
	}
	for name, licence := range map[string]string{
		"Go's standard library": "BSD-3-Clause", "github.com/spf13/cobra": "Apache-2.0", "github.com/rivo/tview": "MIT",
		"modernc.org/sqlite": "BSD-3-Clause, public domain", "github.com/inconshreveable/mousetrap": "Apache-2.0",
	} {
		if has[name] != licence {
			t.Errorf("%s: %q, want %q", name, has[name], licence)
		}
	}
	if !strings.HasPrefix(Notices(), "detour's own") || len(all) < 20 {
		t.Errorf("%d parts in %.80q", len(all), Notices())
	}
}

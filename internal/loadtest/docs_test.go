package loadtest

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/docgen"
)

var update = flag.Bool("update", false, "write the bounds into docs/internals/performance.md")

func TestDocs_bounds(t *testing.T) {
	var b strings.Builder
	b.WriteString("| what | bound | measured |\n|---|---|---|\n")
	for _, x := range bounds() {
		fmt.Fprintf(&b, "| %s | %g | %g |\n", strings.TrimSpace(x.figure+" ("+x.unit+")"), x.most, x.measured)
	}
	docgen.Section(t, filepath.Join("..", "..", "docs", "internals", "performance.md"), "bounds", b.String(), *update)
}

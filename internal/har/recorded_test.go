package har

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// facts says in a line what was read of a failed request, or of one to a service.
func facts(f *flow.Flow) string {
	var b strings.Builder
	host, _, _ := strings.Cut(f.Request.Host(), ".")
	fmt.Fprintf(&b, "%s %s", f.Request.Method, host)
	if f.Response != nil {
		fmt.Fprintf(&b, " %d", f.Response.Status)
	}
	if x := f.Failure; x != nil {
		fmt.Fprintf(&b, " %s: %s", x.Stage, x.Kind)
		if x.NotSent {
			b.WriteString(", not sent")
		}
	}
	for _, p := range []struct {
		name string
		took time.Duration
	}{{"dns", f.Phases.DNS}, {"connect", f.Phases.Connect}, {"ssl", f.Phases.SSL}} {
		if p.took >= 0 {
			fmt.Fprintf(&b, ", %s %v", p.name, p.took.Round(time.Millisecond))
		}
	}
	if f.Conn.UpstreamProxy != "" {
		fmt.Fprintf(&b, ", through %s", f.Conn.UpstreamProxy)
	}
	if f.Response != nil && f.Response.BodySize > 0 {
		fmt.Fprintf(&b, ", %d bytes", f.Response.BodySize)
	}
	fmt.Fprintf(&b, ", %v in all", f.Elapsed(time.Time{}).Round(time.Millisecond))
	return b.String()
}

// recorded is the directory of the files that the judgement is tested with.
const recorded = "../intake/testdata/judgement"

// TestDecode_readsTheFactsOfRecordedFiles reads files that browsers saved of known faults, in
// a network of namespaces and without a proxy, and files with one peculiarity each.
func TestDecode_readsTheFactsOfRecordedFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recorded, "*.har"))
	if err != nil || len(files) < 25 {
		t.Fatal(files, err)
	}
	var got strings.Builder
	for _, name := range files {
		flows, info, err := read(t, bytes.NewReader(fileOf(t, name)))
		if err != nil || info.Skipped > 0 {
			t.Fatalf("%s: %+v, %v", name, info, err)
		}
		fmt.Fprintf(&got, "%s, by %s\n", filepath.Base(name), info.Creator)
		for _, note := range info.Notes {
			fmt.Fprintf(&got, "  note: %s\n", note)
		}
		for _, f := range flows {
			fmt.Fprintln(&got, "  "+facts(f))
		}
	}
	golden := filepath.Join("testdata", "facts.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want := fileOf(t, golden); got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func fileOf(tb testing.TB, path string) []byte {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

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
	fmt.Fprintf(&b, ", %v in all", f.Elapsed(time.Time{}).Round(time.Millisecond))
	return b.String()
}

// TestDecode_readsTheFactsOfRecordedFiles reads files that browsers saved of known faults, in
// a network of namespaces, without a proxy.
func TestDecode_readsTheFactsOfRecordedFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/recorded/*.har")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var got strings.Builder
	for _, name := range files {
		flows, info, err := read(t, bytes.NewReader(open(t, filepath.Join("recorded", filepath.Base(name)))))
		if err != nil || info.Skipped > 0 {
			t.Fatalf("%s: %+v, %v", name, info, err)
		}
		fmt.Fprintf(&got, "%s, by %s\n", filepath.Base(name), info.Creator)
		for _, f := range flows {
			if f.Failure != nil || f.Request.Host() != "ap-northeast-1.console.aws.amazon.com" {
				fmt.Fprintln(&got, "  "+facts(f))
			}
		}
	}
	golden := filepath.Join("testdata", "recorded", "facts.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want := open(t, "recorded/facts.golden"); got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

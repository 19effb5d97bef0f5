package otlptest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"detour/internal/docgen"
	"detour/internal/flow"
	"detour/internal/otlp"
	"detour/ui/flowtest"
)

// TestDocs_sizes measures what a flow takes on the wire, in batches of different sizes, for the mix of
// requests that a page of the console makes.
func TestDocs_sizes(t *testing.T) {
	var b strings.Builder
	b.WriteString("| requests in a batch | log record | compressed | spans | compressed |\n|---|---|---|---|---|\n")
	var seen [][]*flow.Flow
	for _, d := range desks {
		seen = append(seen, d.flows())
	}
	for _, n := range []int{1, 5, 50, 512} {
		r := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // repeatable
		e := otlp.New(otlp.Resource{
			Version: "v1.0.0", Run: "0af7651916cd43dd8448eb211c80319c", Installation: "b7ad6b7169203331a1c0ffee00c0ffee",
		})
		rounds := max(1, 50/n)
		var logs, compressedLogs, traces, compressedTraces int
		for range rounds {
			flows := seen[r.IntN(len(seen))]
			var records, spans [][]byte
			for i := range n {
				f := another(flows[r.IntN(len(flows))], flow.ID(i+1), flowtest.At(r.IntN(5000)), r)
				records = append(records, e.Flow(f, ""))
				spans = append(spans, e.Request(f, ""))
				if !f.Reused {
					spans = append(spans, e.Connection(f, f.Conn)...)
				}
			}
			l, s := e.Logs(records...), e.Traces(spans...)
			logs, compressedLogs = logs+len(l), compressedLogs+zipped(l)
			traces, compressedTraces = traces+len(s), compressedTraces+zipped(s)
		}
		each := func(total int) int { return (total/(n*rounds) + 5) / 10 * 10 }
		fmt.Fprintf(&b, "| %d | %d B | %d B | %d B | %d B |\n", n, each(logs), each(compressedLogs), each(traces), each(compressedTraces))
	}
	docgen.Section(t, page, "sizes", b.String(), *update)
}

// zipped is the length of a request as it is sent.
func zipped(b []byte) int {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed) // the level is valid
	_, _ = w.Write(b)                                 // a buffer takes all
	_ = w.Close()
	return out.Len()
}

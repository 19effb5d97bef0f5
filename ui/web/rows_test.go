package web_test

import (
	"testing"

	"detour/ui/flowtest"
	"detour/ui/web"
)

// BenchmarkRow: the engine makes a row for each revision of a flow, once for all who watch.
func BenchmarkRow(b *testing.B) {
	p, f := web.New(web.Options{}), flowtest.Story(true)[3]
	n := 0
	for b.Loop() {
		n += len(p.Row(f, flowtest.At(9000)))
	}
	b.ReportMetric(float64(n)/float64(b.N), "B/row")
}

package loadtest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// A bound is the most that a figure may be.
type bound struct {
	figure   string
	most     float64
	measured float64 // on the machine that performance.md compares on
	unit     string
}

// times and timesWithout are the units of what is relative to the reference, and to detour without
// --json or --otlp.
const (
	times        = "x"
	timesWithout = "x without"
)

// bounds are all bounds. Those in times compare rounds in which detour, with a capture, and the
// reference, which records nothing, take turns. The CPU time of a request of each kind is steadiest:
// twenty processes that wait for two cores add a tenth to it. The ratios of one kind vary more, most
// of all those of rates and percentiles.
func bounds() []bound {
	return []bound{
		{"a request of each kind: CPU time of all", 1.3, 0.9, times},
		{"HTTP/1.1, 1 at once: CPU time of a request", 2, 0.85, times},
		{"HTTP/1.1, 1 at once: time for all requests", 2.5, 0.85, times},
		{"HTTP/1.1, 1 at once: median", 2.5, 0.75, times},
		{"HTTP/1.1, 1 at once: 99th percentile", 6, 1.9, times},
		{"HTTP/1.1, 16 at once: CPU time of a request", 2, 1.1, times},
		{"HTTP/1.1, 16 at once: time for all requests", 2.5, 1.05, times},
		{"HTTP/1.1, 16 at once: 99th percentile", 6, 1.1, times},
		{"HTTP/1.1, 64 at once: CPU time of a request", 2, 1.15, times},
		{"HTTP/1.1, 64 at once: time for all requests", 2.5, 1.05, times},
		{"HTTP/1.1, 64 at once: 99th percentile", 6, 1, times},
		{"HTTP/2, 1 at once: CPU time of a request", 1.6, 0.85, times},
		{"HTTP/2, 1 at once: time for all requests", 2.2, 1, times},
		{"HTTP/2, 1 at once: 99th percentile", 4, 0.55, times},
		{"HTTP/2, 64 at once: CPU time of a request", 1.3, 0.8, times},
		{"HTTP/2, 64 at once: time for all requests", 2.2, 0.9, times},
		{"HTTP/2, 64 at once: 99th percentile", 6, 1.2, times},
		{"500 requests/s: CPU time", 2, 1, times},
		{"500 requests/s: sleeps of threads", 0.85, 0.7, times},
		{"500 requests/s: part of a core", 30, 12, "%"},
		{"50,000 requests: memory", 40, 30, "MiB"},
		{"50,000 requests: memory, with the program's own pages", 66, 58, "MiB"},
		{"1,000 idle connections: memory", 60, 39, "MiB"},
		{"64 MiB down and up: growth of memory", 8, 0.04, "MiB"},
		{"1024 MiB down and up: growth of memory", 8, 0.2, "MiB"},
		{"HTTP/1.1, an event of a stream, beyond the reference's", 2, 0.01, "ms"},
		{"HTTP/2, an event of a stream, beyond the reference's", 2, 0.08, "ms"},
		{"a reader of --json that doesn't read: time for all requests", 1.4, 1, timesWithout},
		{"a reader of --json that doesn't read: memory", 60, 26, "MiB"},
		{"an OTLP collector that doesn't respond: CPU time of a request", 1.15, 1, timesWithout},
		{"an OTLP collector that doesn't respond: time for all requests", 1.4, 1, timesWithout},
		{"allocations of a request, with a capture", 62, 55, ""},
		{"allocations of a request, without", 42, 37, ""},
		{"memory allocated for a request, with a capture", 5.2, 4.4, "KiB"},
		{"memory allocated for a request, without", 3.6, 3.1, "KiB"},
	}
}

// A gauge holds what is measured to the bounds.
type gauge struct {
	mu       sync.Mutex
	measured map[string]float64
}

// within reports a figure and its bound.
func (g *gauge) within(t *testing.T, figure string, got float64) {
	t.Helper()
	for _, b := range bounds() {
		if b.figure != figure {
			continue
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.measured == nil {
			g.measured = make(map[string]float64)
		}
		g.measured[figure] = max(got, g.measured[figure])
		if got > b.most {
			t.Errorf("%s: %.2f %s, at most %g are allowed", figure, got, b.unit, b.most)
		}
		return
	}
	t.Errorf("%s: %.2f, and there is no bound", figure, got)
}

// report lists what was measured beside each bound.
func (g *gauge) report(t *testing.T) {
	t.Helper()
	var out strings.Builder
	for _, b := range bounds() {
		if got, ok := g.measured[b.figure]; ok {
			fmt.Fprintf(&out, "%-64s %8.2f of at most %g %s\n", b.figure, got, b.most, b.unit)
		}
	}
	t.Logf("measured:\n%s", out.String())
}

package ui

import (
	"fmt"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/ui/flowtest"
)

// TestGolden shows whole screens, small and large, as a person would come to them.
func TestGolden(t *testing.T) {
	over := func() time.Time { return flowtest.At(20_000) }
	for _, c := range []struct {
		name string
		src  *stage
		opt  Options
		keys []any
		sees string
	}{
		{"empty", &stage{}, Options{Hint: hinting("The browser opens with the console's first page.",
			"Any other client: HTTPS_PROXY=http://127.0.0.1:8080")}, nil, "No requests yet"},
		{"midway", &stage{flows: flowtest.Story(false), findings: flowtest.Findings(true)}, Options{Badge: "DEMO"}, nil, "connecting 12 s"},
		{
			"finished", &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)},
			Options{Badge: "DEMO", Now: over},
			nil,
			"TIMEOUT 4.0 s ×2",
		},
		{
			"all", &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)},
			Options{Now: over},
			[]any{"a"},
			"GetMetricData took",
		},
		{
			"detail", &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)},
			Options{Now: over},
			[]any{"gjj", tcell.KeyEnter},
			"Overview",
		},
		{
			"detail-midway", &stage{flows: flowtest.Story(false), findings: flowtest.Findings(true)},
			Options{},
			[]any{"gjj", tcell.KeyEnter},
			"Overview",
		},
		{"request", &stage{flows: flowtest.WithBodies()}, Options{Now: over}, []any{"G", tcell.KeyTab, "2"}, "shown as a decoded form"},
		{"response", &stage{flows: flowtest.WithBodies()}, Options{Now: over}, []any{"G", tcell.KeyTab, "3", tcell.KeyEnd}, "<RequestID>"},
		{"dns", &stage{flows: flowtest.WithBodies()}, Options{Now: over}, []any{"G", tcell.KeyTab, "4"}, "Queries @10.0.0.3:53"},
		{"connection", &stage{flows: flowtest.WithBodies()}, Options{Now: over}, []any{"G", tcell.KeyTab, "5"}, "attempt 2"},
		{"raw", &stage{flows: flowtest.WithBodies()}, Options{Now: over}, []any{"G", tcell.KeyTab, "6"}, `"v": 1`},
		{"search", &stage{flows: flowtest.WithBodies()}, Options{Now: over}, []any{"G", tcell.KeyTab, "6/amazonaws"}, "/amazonaws"},
		{"cut", &stage{flows: flowtest.WithBodies()}, Options{Now: over}, []any{"G", tcell.KeyTab, "3w"}, "lines are cut"},
		{"copy", &stage{flows: flowtest.WithBodies()}, Options{Now: over}, []any{"gy"}, "copy #2 as"},
		{
			"columns", &stage{flows: flowtest.WithBodies()},
			Options{Now: over},
			[]any{":columns id call status inner deny batch skew age range policy", tcell.KeyEnter},
			"INNER",
		},
		{"presenter", &stage{flows: flowtest.WithBodies()}, Options{Now: over}, []any{"p"}, "PRESENTER"},
		{
			"presenter-detail", &stage{flows: flowtest.WithBodies()},
			Options{Now: over, Presenter: true},
			[]any{"G", tcell.KeyTab, "3"},
			"[3 Response]",
		},
		{
			"findings", &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)},
			Options{Now: over},
			[]any{"!"},
			"Finding 1 of 1",
		},
		{
			"inspected", &stage{flows: flowtest.Story(true), findings: inspected(flowtest.Story(true))},
			Options{Now: over},
			[]any{"!"},
			"Finding 1 of 2",
		},
		{
			"inspected-table", &stage{flows: flowtest.Story(true), findings: inspected(flowtest.Story(true))},
			Options{Now: over},
			[]any{"3"},
			"3 flows",
		},
		{"help", &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)}, Options{Now: over}, []any{"?"}, "In the table"},
		{"filter", &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)}, Options{Now: over}, []any{"/log"}, "/log: 1 of"},
		{"groups", &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)}, Options{Now: over}, []any{"4"}, "WORST"},
		{"command", &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)}, Options{Now: over}, []any{":s"}, "Tab save"},
		{
			"mistake", &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)},
			Options{Now: over},
			[]any{"/op:describe status:x"},
			"isn't an HTTP status",
		},
		{"frozen", &stage{flows: flowtest.Story(false), findings: flowtest.Findings(true)}, Options{}, []any{"f"}, "FROZEN"},
	} {
		for _, size := range [][2]int{{80, 24}, {120, 35}, {200, 60}} {
			name := fmt.Sprintf("%s-%dx%d", c.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				s := start(t, size[0], size[1], c.src, Actions{}, c.opt)
				if len(c.src.flows) > 0 {
					s.sees("EC2 DescribeInstances")
				}
				s.types(c.keys...)
				golden(t, name, s.sees(c.sees))
			})
		}
	}
}

// TestGolden_widths shows the table at the widths between.
func TestGolden_widths(t *testing.T) {
	for _, w := range []int{40, 64, 100, 120, 140, 200} {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			s := start(t, w, 16, &stage{flows: flowtest.Story(true), findings: flowtest.Findings(false)}, Actions{}, Options{})
			golden(t, fmt.Sprintf("width-%d", w), s.sees("DescribeInst"))
		})
	}
}

func hinting(lines ...string) func() []string { return func() []string { return lines } }

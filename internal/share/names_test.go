package share

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/intake"
)

// TestFeed_namesWhatHeadAndStepsHave: a name comes before the event that needs it, and the page,
// which gets no names, gets texts that have them.
func TestFeed_namesWhatHeadAndStepsHave(t *testing.T) {
	for _, opt := range []Options{{}, {Rows: true}} {
		synctest.Test(t, func(t *testing.T) {
			store := capture.New(capture.Options{})
			store.AddStep(flow.Step{At: time.Now(), Text: "asked 10.9.9.2"})
			f := New(Config{
				Source: store, Strict: intake.NewStrict(new(alias.Table)), Renderer: rows{}, Now: time.Now,
				Facts: func() []Fact { return []Fact{{"by way of", "10.9.9.1"}} },
			})
			w := f.Watch(opt)
			defer w.Close()
			s := screen{}
			var before, seen []string
			s.seen = func(e Event) {
				if text := string(e.Data); e.Name == EventState || e.Name == EventSteps {
					seen = append(seen, text)
				} else {
					before = append(before, text)
				}
			}
			s.drain(t, w, -1)
			all := strings.Join(before, "\n")
			if opt.Rows {
				all = strings.Join(seen, "\n")
			}
			if len(seen) < 2 || !strings.Contains(all, "private-1") || !strings.Contains(all, "private-2") {
				t.Errorf("rows %v: %v, %v", opt.Rows, before, seen)
			}
		})
	}
}

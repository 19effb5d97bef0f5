package report

import (
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// clock writes an instant: with the date if the capture spans several days.
func (s survey) clock(t time.Time) string {
	switch {
	case t.IsZero():
		return wording.None
	case s.days:
		return t.UTC().Format("2006-01-02 15:04:05.000")
	}
	return t.UTC().Format("15:04:05.000")
}

// took is how long a flow took, or has taken so far.
func (s survey) took(f *flow.Flow) time.Duration {
	if !f.Timed() {
		return flow.NotApplicable
	}
	return f.Elapsed(s.last)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

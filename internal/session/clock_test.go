package session

import (
	"net/http"
	"testing"
	"time"

	"detour/internal/capture"
	"detour/internal/flow"
)

func TestClockOffset_isTheMedianOfWhatAWSSays(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 500e6, time.UTC)
	for name, tc := range map[string]struct {
		behind []time.Duration // the answers' Date
		header string
		want   int
	}{
		"right, but for the cut":   {[]time.Duration{0, 500 * time.Millisecond}, "", 0},
		"a machine ahead":          {[]time.Duration{400 * time.Second, 400 * time.Second, 0}, "", 401},
		"a machine behind":         {[]time.Duration{-90 * time.Second}, "", -90},
		"a cache's answer is old":  {[]time.Duration{time.Hour}, "Age", 0},
		"nobody says what time is": {nil, "", 0},
	} {
		s := capture.New(capture.Options{})
		for i, d := range tc.behind {
			at := now.Add(-d).Truncate(time.Second)
			f := flow.Flow{
				ID: flow.ID(i + 1), Rev: 1, State: flow.StateDone, Origin: flow.OriginDirect, Times: flow.Times{Start: now, FirstByte: now}, //nolint:gosec // a count
				Response: &flow.Response{Status: 200, Headers: []flow.Header{{Name: "Date", Value: at.Format(http.TimeFormat)}}},
			}
			if tc.header != "" {
				f.Response.Headers = append(f.Response.Headers, flow.Header{Name: tc.header, Value: "3600"})
			}
			s.Put(f)
		}
		if got := clockOffset(s); got != tc.want {
			t.Errorf("%s: %d s, want %d", name, got, tc.want)
		}
	}
}

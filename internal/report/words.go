package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
)

// none stands for what didn't happen, or isn't known.
const none = "—"

// span writes a duration: "1.8 ms", "92 ms", "4.0 s".
func span(d time.Duration) string {
	switch {
	case d < 0:
		return none
	case d < 10*time.Millisecond:
		return strconv.FormatFloat(flow.MS(d), 'f', 1, 64) + " ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// clock writes an instant as the rest of the capture needs it told apart.
func (s survey) clock(t time.Time) string {
	switch {
	case t.IsZero():
		return none
	case s.days:
		return t.UTC().Format("2006-01-02 15:04:05.000")
	}
	return t.UTC().Format("15:04:05.000")
}

// took is how long a flow took, or has taken.
func (s survey) took(f *flow.Flow) time.Duration {
	if f.Times.Start.IsZero() || f.Final() && f.Times.Done.IsZero() {
		return flow.NotApplicable
	}
	return f.Elapsed(s.last)
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// some joins the first few words.
func some(words []string, few int) string {
	if len(words) <= few {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:few], ", "), len(words)-few)
}

// clip cuts a text after n runes, which it shows.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

package har

import (
	"math"
	"strconv"
	"strings"
	"time"

	"detour/internal/wording"
)

// start finds out when the n-th entry began. Entries are in order of their start, so one
// without a time gets that of the entry before.
func (d *decoder) start(e *entry, n int) {
	written := strings.TrimSpace(string(e.Started))
	at, zone := instant(written)
	switch {
	case at.IsZero() && written == "":
		d.note("startedDateTime", "entry %d and maybe others have no start time: they get that of the entry before", n)
	case at.IsZero():
		const most = 40
		d.note("startedDateTime", "the start time of entry %d and maybe others can't be read (%s): they get that of the entry before",
			n, wording.Clip(written, most))
	case !zone:
		d.note("zone", "entry %d and maybe others have a start time without a zone: it is read as UTC", n)
	}
	if e.began = at; at.IsZero() {
		e.began = d.at
	}
}

// instant parses a time as exporters write it: ISO 8601, with or without a colon in the zone,
// the form of HTTP, or a number since 1970. Without a zone, it is read as UTC. The result is
// zero for an implausible time.
func instant(s string) (at time.Time, zone bool) {
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		return plausible(sinceEpoch(n)), true
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02 15:04:05.999999999 Z0700", time.RFC1123, time.RFC1123Z,
		"Mon Jan 02 2006 15:04:05 GMT-0700", // JavaScript's Date as text, before the zone's name
	} {
		if t, err := time.Parse(layout, beforeName(s)); err == nil {
			return plausible(t.UTC()), true
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return plausible(t.UTC()), false
		}
	}
	return time.Time{}, false
}

// beforeName removes the name of a zone in parentheses.
func beforeName(s string) string {
	s, _, _ = strings.Cut(s, " (")
	return s
}

// sinceEpoch returns the time that is a number of seconds, milliseconds, microseconds or
// nanoseconds after 1970, by its size: a time of this century has 10 digits in seconds.
func sinceEpoch(n float64) time.Time {
	micros := n
	switch {
	case n < 1e8 || n > 1e19:
		return time.Time{}
	case n < 1e11:
		micros = n * 1e6
	case n < 1e14:
		micros = n * 1e3
	case n >= 1e17:
		micros = n / 1e3
	}
	return time.UnixMicro(int64(math.Round(micros))).UTC()
}

// plausible returns a time that JSON can hold and a HAR may have, or zero.
func plausible(t time.Time) time.Time {
	if t.Year() < 1970 || t.Year() >= 2200 {
		return time.Time{}
	}
	return t
}

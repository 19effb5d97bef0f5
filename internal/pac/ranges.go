package pac

import (
	"slices"
	"strings"
	"time"
)

// The functions of this file take the arguments of a script: a last "GMT" means UTC, else
// it is local time. A range may wrap around, as FRI to MON does.

// inZone returns the time in the zone of the arguments, and the arguments without it.
func inZone(now time.Time, args []any) (time.Time, []any) {
	if n := len(args); n > 0 && text(args, n-1) == "GMT" {
		return now.UTC(), args[:n-1]
	}
	return now, args
}

// within reports whether x is from a to b, or outside of b to a if the range wraps around.
func within(a, x, b int) bool {
	if a <= b {
		return a <= x && x <= b
	}
	return x >= a || x <= b
}

func weekdayRange(now time.Time, args []any) bool {
	now, args = inZone(now, args)
	days := []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	first := slices.Index(days, strings.ToUpper(text(args, 0)))
	last := first
	if len(args) > 1 {
		last = slices.Index(days, strings.ToUpper(text(args, 1)))
	}
	return first >= 0 && last >= 0 && within(first, int(now.Weekday()), last)
}

// whole reads a number of JavaScript that is whole.
func whole(v any) (int, bool) {
	switch n := v.(type) {
	case int:
		return n, true
	case int32:
		return int(n), true
	case int64:
		return int(n), true
	case float64:
		return int(n), n == float64(int(n))
	}
	return 0, false
}

// A date is what a dateRange says of one end: -1 is what it leaves out.
type date struct{ year, month, day int }

// readDate reads arguments of one end: days are up to 31, years above, months are words.
func readDate(args []any) (d date, ok bool) {
	d = date{-1, -1, -1}
	months := []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	for i, a := range args {
		n, isNumber := whole(a)
		switch {
		case isNumber && n >= 1 && n <= 31 && d.day < 0:
			d.day = n
		case isNumber && n > 31 && d.year < 0:
			d.year = n
		case !isNumber && d.month < 0:
			if d.month = slices.Index(months, strings.ToUpper(text(args, i))); d.month < 0 {
				return d, false
			}
		default:
			return d, false
		}
	}
	return d, len(args) > 0
}

// number orders the dates that have the same parts.
func (d date) number() int { return (max(d.year, 0)*12+max(d.month, 0))*32 + max(d.day, 0) }

func dateRange(now time.Time, args []any) bool {
	now, args = inZone(now, args)
	first, last := args, args
	if len(args) > 1 && len(args)%2 == 0 {
		if d, ok := readDate(args[:len(args)/2]); ok {
			if e, ok := readDate(args[len(args)/2:]); ok && sameParts(d, e) {
				first, last = args[:len(args)/2], args[len(args)/2:]
			}
		}
	}
	from, ok1 := readDate(first)
	to, ok2 := readDate(last)
	if !ok1 || !ok2 {
		return false
	}
	x := date{-1, -1, -1}
	if from.year >= 0 {
		x.year = now.Year()
	}
	if from.month >= 0 {
		x.month = int(now.Month()) - 1
	}
	if from.day >= 0 {
		x.day = now.Day()
	}
	return within(from.number(), x.number(), to.number())
}

func sameParts(a, b date) bool {
	return (a.year < 0) == (b.year < 0) && (a.month < 0) == (b.month < 0) && (a.day < 0) == (b.day < 0)
}

// timeRange takes an hour, two hours, hours and minutes, or hours, minutes and seconds of
// both ends. As in Firefox and Chromium both ends are part of the range, and only a range
// of two hours doesn't wrap around.
func timeRange(now time.Time, args []any) bool {
	now, args = inZone(now, args)
	n := make([]int, len(args))
	for i, a := range args {
		v, ok := whole(a)
		if !ok || v < 0 || v > 60 {
			return false
		}
		n[i] = v
	}
	x := now.Hour()*3600 + now.Minute()*60 + now.Second()
	switch len(n) {
	case 1:
		return now.Hour() == n[0]
	case 2:
		return n[0] <= now.Hour() && now.Hour() <= n[1]
	case 4:
		return within(n[0]*3600+n[1]*60, x, n[2]*3600+n[3]*60+59)
	case 6:
		return within(n[0]*3600+n[1]*60+n[2], x, n[3]*3600+n[4]*60+n[5])
	}
	return false
}

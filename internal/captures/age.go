package captures

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An Age is how long ago a capture was written last, as a flag's value: a duration as Go writes
// it, or in days and weeks: 30d, 2w, 1d12h. The zero value isn't set.
type Age struct {
	time.Duration
	text string // as it was given
}

// maxAge is longer than any capture is old.
const maxAge = 100 * 365 * 24 * time.Hour

// String is the value as it was given.
func (a *Age) String() string { return a.text }

// Type is the name of the value's kind in help texts.
func (a *Age) Type() string { return "age" }

// Set parses a value. It must be positive, and at most a hundred years.
func (a *Age) Set(text string) error {
	var total float64 // in hours
	rest := text
	for rest != "" {
		n := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if n <= 0 {
			return errNoAge(text)
		}
		number, err := strconv.ParseFloat(rest[:n], 64)
		if err != nil {
			return errNoAge(text)
		}
		unit := rest[n:]
		if end := strings.IndexAny(unit, "0123456789."); end >= 0 {
			unit = unit[:end]
		}
		hours, ok := map[string]float64{"w": 7 * 24, "d": 24, "h": 1, "m": 1. / 60, "s": 1. / 3600}[unit]
		if !ok {
			return errNoAge(text)
		}
		total += number * hours
		rest = rest[n+len(unit):]
	}
	if text == "" || total > maxAge.Hours() {
		return errNoAge(text)
	}
	d := time.Duration(total * float64(time.Hour))
	if d <= 0 {
		return errors.New("an age is more than 0")
	}
	a.Duration, a.text = d, text
	return nil
}

func errNoAge(text string) error {
	return fmt.Errorf("%q is not an age; for example 30d, 2w or 12h", text)
}

// Older returns the captures that were written last longer ago than an age, and that can be
// removed: no run is writing them, and they are detour's.
func Older(all []*Capture, than Age, now time.Time) (out []*Capture) {
	for _, c := range all {
		if c.State != Live && c.State != Foreign && now.Sub(c.Written) > than.Duration {
			out = append(out, c)
		}
	}
	return out
}

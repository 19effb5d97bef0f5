package filter

import (
	"math"
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
)

// A unit is how the values of a number key are written.
type unit uint8

const (
	unitNone   unit = iota
	unitStatus      // 404, or 4xx for 400 to 499
	unitTime        // 250ms, 2s, 1.5m; kept in nanoseconds
	unitBytes       // 512, 10kB, 1.5MB, 64KiB; kept in bytes
)

// compare tests a number key. Equality takes a range as well: 1s..5s.
func (k key) compare(op, value string) (test, error) {
	low, high, err := k.span(op, value)
	if err != nil {
		return nil, err
	}
	get := k.number
	return func(f *flow.Flow, now time.Time) bool {
		n, ok := get(f, now)
		return ok && low <= n && n <= high
	}, nil
}

// span returns the closed range of numbers that satisfy op and value.
func (k key) span(op, value string) (low, high int64, err error) {
	if op == ":" || op == "=" {
		if from, to, isRange := strings.Cut(value, ".."); isRange {
			if low, err = k.unit.parse(from); err == nil {
				high, err = k.unit.parse(to)
			}
			if err == nil && low > high {
				err = bad("the range "+quote(value)+" ends before it begins", "")
			}
			return low, high, err
		}
		if n, ok := hundred(value); ok && k.unit == unitStatus {
			return n, n + 99, nil
		}
	}
	n, err := k.unit.parse(value)
	if err != nil {
		return 0, 0, err
	}
	low, high = math.MinInt64, math.MaxInt64
	switch op {
	case ">":
		if n == math.MaxInt64 {
			return 1, 0, nil // nothing is above it
		}
		low = n + 1
	case ">=":
		low = n
	case "<":
		if n == math.MinInt64 {
			return 1, 0, nil
		}
		high = n - 1
	case "<=":
		high = n
	default:
		low, high = n, n
	}
	return low, high, nil
}

// hundred reads "4xx".
func hundred(s string) (int64, bool) {
	if len(s) != 3 || s[0] < '1' || s[0] > '9' || !strings.EqualFold(s[1:], "xx") {
		return 0, false
	}
	return 100 * int64(s[0]-'0'), true
}

func (u unit) parse(s string) (int64, error) {
	switch u {
	case unitTime:
		d, err := time.ParseDuration(strings.ToLower(s))
		if err != nil {
			return 0, bad(quote(s)+" isn't a duration", "write it with a unit: 250ms or 2s")
		}
		return int64(d), nil
	case unitBytes:
		return bytes(s)
	case unitNone, unitStatus:
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && u == unitStatus {
		return 0, bad(quote(s)+" isn't an HTTP status", "such as 403 or 4xx")
	}
	if err != nil {
		return 0, bad(quote(s)+" isn't a whole number", "")
	}
	return n, nil
}

// bytes reads "512", "10k", "1.5MB", "64KiB".
func bytes(s string) (int64, error) {
	number := strings.TrimRight(s, "bikmgBIKMG")
	factor := map[string]float64{
		"": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9,
		"ki": 1 << 10, "kib": 1 << 10, "mi": 1 << 20, "mib": 1 << 20, "gi": 1 << 30, "gib": 1 << 30,
	}[strings.ToLower(s[len(number):])]
	n, err := strconv.ParseFloat(number, 64)
	n *= factor
	if err != nil || factor == 0 || !(n >= 0 && n < math.MaxInt64) {
		return 0, bad(quote(s)+" isn't a size", "for example 512, 10kB or 1.5MB")
	}
	return int64(n), nil
}

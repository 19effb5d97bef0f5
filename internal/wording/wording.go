// Package wording writes counts, lists, durations and sizes as a person reads them.
//
// There is one of each, so that a figure reads the same in the table, in a finding,
// in a report and on a command's output: [Count], [List], [Some], [Duration],
// [Running], [Bytes], [Number] and [Clip]. All are pure and may be called concurrently.
package wording

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// None stands for what didn't happen or isn't known.
const None = "—"

// Count writes a number with its noun, which is given in the singular: "1 host",
// "2 hosts", "3 addresses", "4 queries".
func Count(n int, noun string) string {
	return strconv.Itoa(n) + " " + Plural(n, noun)
}

// Plural is a regular noun in the form that goes with n.
func Plural(n int, noun string) string {
	if n == 1 || noun == "" {
		return noun
	}
	last := len(noun) - 1
	switch {
	case noun[last] == 'y' && last > 0 && !strings.ContainsRune("aeiou", rune(noun[last-1])):
		return noun[:last] + "ies"
	case noun[last] == 's', noun[last] == 'x', strings.HasSuffix(noun, "ch"), strings.HasSuffix(noun, "sh"):
		return noun + "es"
	}
	return noun + "s"
}

// List joins words as in a sentence: "a", "a and b", "a, b and c". No words are "".
func List(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
}

// Some is List of the first words, limit of them at most, with the number of the
// others: "a, b and 3 more".
func Some(words []string, limit int) string {
	if len(words) <= limit {
		return List(words)
	}
	return strings.Join(words[:limit], ", ") + " and " + strconv.Itoa(len(words)-limit) + " more"
}

// Duration writes a finished duration: "1.8 ms", "92 ms", "4.0 s", "12.3 min". A
// negative one isn't known, and is None.
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return None
	case d < 10*time.Millisecond:
		return decimal(float64(d)/float64(time.Millisecond)) + " ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < 10*time.Minute:
		return decimal(d.Seconds()) + " s"
	}
	return decimal(d.Minutes()) + " min"
}

// Running writes a duration that still grows, in whole units so that it doesn't
// flicker: "12 s", "14 min". A negative one counts as zero.
func Running(d time.Duration) string {
	if d >= 10*time.Minute {
		return strconv.Itoa(int(d.Minutes())) + " min"
	}
	return strconv.Itoa(int(max(0, d).Seconds())) + " s"
}

// Bytes writes a size in decimal units: "812 B", "5.1 kB", "1.2 MB", "3.4 GB".
func Bytes(n int64) string {
	const kilo, mega, giga = 1e3, 1e6, 1e9
	switch {
	case n < kilo:
		return strconv.FormatInt(n, 10) + " B"
	case n < mega:
		return decimal(float64(n)/kilo) + " kB"
	case n < giga:
		return decimal(float64(n)/mega) + " MB"
	}
	return decimal(float64(n)/giga) + " GB"
}

// Clip cuts s after limit characters and marks the cut with an ellipsis.
func Clip(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	for i := range s {
		if limit <= 0 {
			return s[:i] + "…"
		}
		limit--
	}
	return s
}

// decimal writes a number with one decimal place.
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

// Number writes a number with its thousands apart: "504,189".
func Number(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

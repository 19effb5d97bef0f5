package wording

import (
	"testing"
	"time"
)

func TestCount(t *testing.T) {
	for _, c := range []struct {
		n    int
		noun string
		want string
	}{
		{1, "host", "1 host"},
		{0, "host", "0 hosts"},
		{2, "address", "2 addresses"},
		{2, "query", "2 queries"},
		{2, "reply", "2 replies"},
		{2, "key", "2 keys"},
		{2, "match", "2 matches"},
		{1, "address", "1 address"},
	} {
		if got := Count(c.n, c.noun); got != c.want {
			t.Errorf("Count(%d, %q) = %q, want %q", c.n, c.noun, got, c.want)
		}
	}
}

func TestSome(t *testing.T) {
	for want, words := range map[string][]string{
		"":                   nil,
		"a":                  {"a"},
		"a and b":            {"a", "b"},
		"a, b and c":         {"a", "b", "c"},
		"a, b, c and 2 more": {"a", "b", "c", "d", "e"},
	} {
		if got := Some(words, 3); got != want {
			t.Errorf("Some(%q, 3) = %q, want %q", words, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1:                              "—",
		0:                               "0.0 ms",
		1800 * time.Microsecond:         "1.8 ms",
		92*time.Millisecond + 900000:    "92 ms",
		4 * time.Second:                 "4.0 s",
		130 * time.Second:               "130.0 s",
		12*time.Minute + 18*time.Second: "12.3 min",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%d) = %q, want %q", d, got, want)
		}
	}
}

func TestRunning(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:             "0 s",
		12900 * time.Millisecond: "12 s",
		14 * time.Minute:         "14 min",
	} {
		if got := Running(d); got != want {
			t.Errorf("Running(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{812: "812 B", 5120: "5.1 kB", 1_200_000: "1.2 MB", 3_400_000_000: "3.4 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		s     string
		limit int
		want  string
	}{
		{"short", 5, "short"},
		{"shorter", 5, "short…"},
		{"日本語", 3, "日本語"},
		{"日本語", 2, "日本…"},
		{"", 0, ""},
		{"x", 0, "…"},
	} {
		if got := Clip(c.s, c.limit); got != c.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", c.s, c.limit, got, c.want)
		}
	}
}

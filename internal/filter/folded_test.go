package filter

import (
	"strings"
	"testing"
)

func FuzzFolded(f *testing.F) {
	for _, s := range [][2]string{{"", ""}, {"GetMetricData", "metric"}, {"\u212aelvin", "kelvin"}, {"İstanbul", "i"}, {"aaaab", "AAB"}, {"straße", "SS"}, {"x", "xyz"}, {"\xff", "\xff"}, {"日本 Logs", "本 l"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, s, text string) {
		if got, want := foldedText(text).in(s), strings.Contains(strings.ToLower(s), strings.ToLower(text)); got != want {
			t.Errorf("%q in %q: %v", text, s, got)
		}
	})
}

package redact

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"detour/internal/cputime"
	"detour/internal/fulltest"
)

func TestURL_longOnesTakeNoLongerThanTheirLength(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the clock is too coarse for what takes this little time")
	}
	// Regular expressions match what is shorter in another way, which is quicker.
	const short, factor, most = 32 << 10, 4, 8
	for _, unit := range []string{
		"$25", "$2525", "%25", "/token/abcdefgh12345678", "#/", "a=$253D", "query{a(b:\"", "/", "$3D%3D", "mutation{", "\"\"\"", "=#0c", "a@b.", "1.2.3=#0c01",
	} {
		for _, r := range fulltest.Or([]*Redactor{strict}, []*Redactor{the, strict}) { // strict does all that the other does, and more
			took := func(size int) time.Duration {
				s := "https://h/" + strings.Repeat(unit, size/len(unit))
				return cputime.Of(func() {
					r.URL(s)
					r.Text(s)
				})
			}
			// A collection only makes either slower: the shortest of several tries, in turn, is the
			// measure. What takes the square of the length would take 16 times as long, and is not
			// tried again if that is long.
			one, four := took(short), took(factor*short)
			for tries := 0; four > most*one && tries < 30 && four < time.Minute/10; tries++ {
				one, four = min(one, took(short)), min(four, took(factor*short))
			}
			if four > most*one {
				t.Errorf("%q: %v, and %d times as long takes %v", unit, one, factor, four)
			}
		}
	}
}

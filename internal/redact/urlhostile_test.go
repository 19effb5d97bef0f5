package redact

import (
	"strings"
	"testing"
	"time"
)

func TestURL_longOnesTakeNoLongerThanTheirLength(t *testing.T) {
	const short, factor = 16 << 10, 4
	for _, unit := range []string{
		"$25", "$2525", "%25", "/token/abcdefgh12345678", "#/", "a=$253D", "query{a(b:\"", "/", "$3D%3D", "mutation{", "\"\"\"", "=#0c", "a@b.", "1.2.3=#0c01",
	} {
		for _, r := range []*Redactor{the, strict} {
			took := func(size int) time.Duration {
				s, best := "https://h/"+strings.Repeat(unit, size/len(unit)), time.Hour
				for range 3 {
					begun := time.Now()
					r.URL(s)
					r.Text(s)
					best = min(best, time.Since(begun))
				}
				return best
			}
			// The square of the factor is 16.
			if one, four := took(short), took(factor*short); four > 10*one+50*time.Millisecond {
				t.Errorf("%q: %v, and %d times as long takes %v", unit, one, factor, four)
			}
		}
	}
}

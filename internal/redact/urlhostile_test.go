package redact

import (
	"strings"
	"testing"
	"time"
)

func TestURL_longOnesTakeNoLongerThanTheirLength(t *testing.T) {
	for _, unit := range []string{
		"$25", "$2525", "%25", "/token/abcdefgh12345678", "#/", "a=$253D", "query{a(b:\"", "/", "$3D%3D", "mutation{", "\"\"\"", "=#0c", "a@b.", "1.2.3=#0c01",
	} {
		s := "https://h/" + strings.Repeat(unit, 64<<10/len(unit))
		for _, r := range []*Redactor{the, strict} {
			begun := time.Now()
			r.URL(s)
			r.Text(s)
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("%q takes %v", unit, took)
			}
		}
	}
}

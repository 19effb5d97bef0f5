package har

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Runs end where they end byte by byte: also before bytes next to those that are looked for, and in any
// position of a word.
func TestRuns_endWhereEachByteSays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	const letters = "\"\\!#[]\x00\x01\x7f\x80\xa2\xdc\xff \n\t\rabc"
	for range 20_000 {
		b := bytes.Repeat([]byte{' '}, random.IntN(300))
		if random.IntN(2) == 0 {
			b = bytes.Repeat([]byte{letters[2+random.IntN(len(letters)-2)]}, random.IntN(300))
		}
		for range random.IntN(3) {
			b = append(b, letters[random.IntN(len(letters))])
			b = append(b, b[:random.IntN(len(b))]...)
		}
		plain, space := 0, 0
		for plain < len(b) && b[plain] != '"' && b[plain] != '\\' {
			plain++
		}
		for space < len(b) && bytes.IndexByte([]byte(" \n\t\r"), b[space]) >= 0 {
			space++
		}
		if got := plainRun(b); got != plain {
			t.Fatalf("plainRun(%q) = %d, want %d", b, got, plain)
		}
		if got := spaceRun(b); got != space {
			t.Fatalf("spaceRun(%q) = %d, want %d", b, got, space)
		}
	}
}

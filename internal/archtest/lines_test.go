package archtest

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// maxCode is how many characters a line of code may have, a tab counting as one. Tables
// of tests may have more.
const maxCode = 140

// longLines are the numbers of the lines that are too long. An address doesn't count.
func longLines(text string) (numbers []int) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		if utf8.RuneCountInString(address.ReplaceAllString(strings.TrimSuffix(line, "\n"), "")) > maxCode {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

func TestCode_linesAreShort(t *testing.T) {
	sources(t, func(path string, _ file) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range longLines(string(b)) {
			t.Errorf("%s:%d has more than %d characters", path, n, maxCode)
		}
	})
}

func TestLongLines_sees(t *testing.T) {
	long := strings.Repeat("é", maxCode+1)
	if got := longLines("short\n" + long + "\n" + long[2:] + "\n"); len(got) != 1 || got[0] != 2 {
		t.Errorf("long lines %v, want [2]", got)
	}
}

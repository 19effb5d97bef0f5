// Package nearest finds the word that a mistyped one was probably meant to be. [Word]
// is for the hints of error messages. The package is pure.
package nearest

import "strings"

// Word returns the one of words that s was probably meant to be: the first that begins with
// s, or else the first with the smallest edit distance; "" if none is similar. Case matters.
func Word(s string, words []string) string {
	best, least := "", len(s)/3+1
	for _, w := range words {
		if len(s) >= 2 && strings.HasPrefix(w, s) {
			return w
		}
	}
	if len(s) > 64 {
		return ""
	}
	for _, w := range words {
		if d := distance(s, w); d < least || d == least && best == "" && 2*d < len(w) { // half of the letters aren't enough
			best, least = w, d
		}
	}
	return best
}

// distance returns the edit distance of a and b: insertions, deletions, changes, and
// swaps of neighbours.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := range len(a) {
		before, last, now := rows[i%3], rows[(i+1)%3], rows[(i+2)%3]
		now[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			now[j+1] = min(last[j+1]+1, now[j]+1, last[j]+change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
	}
	return rows[(len(a)+1)%3][len(b)]
}

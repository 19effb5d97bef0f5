package diagnose

import (
	"fmt"
	"strings"

	"detour/internal/flow"
)

// Text is a finding for a terminal. Nothing in it can move the cursor.
func Text(f flow.Finding) string {
	var b strings.Builder
	soFar := ""
	switch {
	case f.Provisional:
		soFar = " so far"
	case f.Resolved:
		soFar = ", resolved"
	}
	fmt.Fprintf(&b, "%s%s: %s [%s, confidence %s]\n", f.Level, soFar, clean(f.Title), f.Code, f.Confidence)
	for _, s := range Sections(f) {
		fmt.Fprintf(&b, "  %s\n", s.Head)
		for _, l := range s.Lines {
			fmt.Fprintf(&b, "  - %s\n", clean(l))
		}
	}
	return b.String()
}

// clean makes text of foreign origin fit for a line of a terminal: control
// characters, line ends and changes of direction become one visible sign.
func clean(s string) string {
	return flow.Printable(strings.TrimSpace(s))
}

// list joins words as a person would; none if there are none.
func list(words []string, none string) string {
	switch n := len(words); n {
	case 0:
		return none
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

func count(n int, what string) string {
	return fmt.Sprintf("%d %s", n, plural(n, what))
}

func plural(n int, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}

// safeWord reports whether s can stand in a shell command as it is.
func safeWord(s string) bool {
	return s != "" && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == ""
}

func safeWords(ss []string) bool {
	for _, s := range ss {
		if !safeWord(s) {
			return false
		}
	}
	return true
}

package diagnose

import (
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// clean makes text of foreign origin fit for a line of a terminal: control
// characters, line ends and changes of direction become one visible sign.
func clean(s string) string {
	return flow.Printable(strings.TrimSpace(s))
}

// list joins words as in a sentence; none stands for no words.
func list(words []string, none string) string {
	if len(words) == 0 {
		return none
	}
	return wording.List(words)
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

func texts(ss ...string) (out []flow.NextStep) {
	for _, s := range ss {
		out = append(out, flow.NextStep{Text: s})
	}
	return out
}

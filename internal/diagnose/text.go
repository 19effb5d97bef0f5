package diagnose

import (
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// clean makes foreign text fit for a line of a terminal: each control character, line
// end and change of direction becomes one visible sign.
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

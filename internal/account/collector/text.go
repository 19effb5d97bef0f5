package collector

import (
	"fmt"

	"detour/internal/account"
	"detour/internal/flow"
	"detour/internal/wording"
)

// Line is what became of a command, for a terminal.
func Line(e account.IndexEntry) string {
	if e.Status != 0 {
		return "failed " + e.File + " " + flow.Printable(e.Error)
	}
	return "ok     " + e.File
}

// Summary says how many commands succeeded, for a terminal, and where to read what the others would
// decide.
func Summary(dir string, all []account.IndexEntry) string {
	bad := 0
	for _, e := range all {
		if e.Status != 0 {
			bad++
		}
	}
	out := fmt.Sprintf("%s in %s, %d failed\n", wording.Count(len(all)-bad, "output"), dir, bad)
	if bad > 0 {
		out += fmt.Sprintf("hint: detour account show %s says what the missing ones would decide\n", dir)
	}
	return out
}

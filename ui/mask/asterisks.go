package mask

import (
	"github.com/rivo/uniseg"

	"detour/ui/text"
)

// asterisks returns s with an asterisk for each cell of which b, its bytes, has something
// masked.
func asterisks(s string, b []byte) string {
	plain := true
	for i := range len(s) {
		if s[i] >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return string(b)
	}
	out := make([]byte, 0, len(s))
	at, state, rest := 0, -1, s
	for rest != "" {
		var g string
		g, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		hidden := false
		for i := range len(g) {
			hidden = hidden || b[at+i] != g[i]
		}
		at += len(g)
		if !hidden {
			out = append(out, g...)
			continue
		}
		for range text.Width(text.Clean(g)) {
			out = append(out, masked)
		}
	}
	return string(out)
}

package mask

import (
	"strings"
	"unicode/utf8"
)

// Quoting masks an error about a line that is being typed: what it quotes from the line is
// masked as it is in the line.
func (m *Masker) Quoting(err, line string) string {
	if !m.Hides() {
		return err
	}
	s, typed, out := err, m.Input(line), ""
	for {
		from, open := strings.IndexAny(s, "“`\""), 0
		if from >= 0 {
			_, open = utf8.DecodeRuneInString(s[from:])
		}
		n := -1
		if from >= 0 {
			n = strings.IndexAny(s[from+open:], "”`\"")
		}
		if n < 0 {
			return out + m.Typed(s)
		}
		quoted := s[from+open : from+open+n]
		out += m.Typed(s[:from]) + s[from:from+open]
		if i := strings.Index(line, quoted); i >= 0 {
			out += typed.Part(i, i+n)
		} else {
			out += Letters(quoted)
		}
		s = s[from+open+n:]
		_, n = utf8.DecodeRuneInString(s) // the quote at its end
		out, s = out+s[:n], s[n:]
	}
}

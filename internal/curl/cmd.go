package curl

import "strings"

// maxCmd is the longest command line of cmd (Microsoft, "Command prompt line string limitation").
const maxCmd = 8191

// special are the characters that mean something to cmd.
const special = `"^&|<>()%!,;=` + "`'"

// cmd writes a command line for Windows' cmd.
func cmd(all []option) string {
	return "curl.exe " + strings.Join(arguments(all, cmdWord), " ") + "\n"
}

// cmdWord makes s one word: first for the program, which takes a quote after a backslash as it is (Microsoft,
// "Parsing C command-line arguments"), then for cmd, to which a character after a caret means nothing. With
// a caret before the quotes as well, cmd sees none, and nothing in s can end them. What follows a percent sign
// has a caret, too: so what stands between two of them names no variable.
func cmdWord(s string) string {
	var b strings.Builder
	b.WriteString(`^"`)
	slashes, percent := 0, false
	for _, r := range s {
		switch r {
		case '\\':
			slashes++
		case '"':
			if percent {
				b.WriteByte('^')
			}
			b.WriteString(strings.Repeat(`\`, slashes+1)) // those before the quote are doubled
			slashes = 0
		default:
			slashes = 0
		}
		if percent || strings.ContainsRune(special, r) {
			b.WriteByte('^')
		}
		b.WriteRune(r)
		percent = r == '%'
	}
	b.WriteString(strings.Repeat(`\`, slashes))
	b.WriteString(`^"`)
	return b.String()
}

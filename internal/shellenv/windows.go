package shellenv

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func isPrintableASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// powerShell quotes a value in printable ASCII alone: Windows PowerShell reads what a program prints in the
// console's code page, in which a user's name may be other letters. It also takes typographic
// quotes for quotes.
func powerShell(v string) string {
	if isPrintableASCII(v) {
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	}
	var b strings.Builder
	b.WriteString("('")
	for _, r := range v {
		switch {
		case r == '\'':
			b.WriteString("''")
		case isPrintableASCII(string(r)):
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "' + [char]0x%04x + '", unit)
			}
		}
	}
	b.WriteString("')")
	return b.String()
}

// The lines around those that aren't ASCII: cmd reads a batch file line by line, in the code page of
// the console, of which chcp prints the number after a colon.
const (
	utf8Begin = "for /f \"tokens=2 delims=:.\" %%c in ('chcp') do @set \"DETOUR_CODE_PAGE=%%c\"\r\n" +
		"@chcp 65001 >nul\r\n"
	utf8End = "@chcp %DETOUR_CODE_PAGE% >nul\r\n@set \"DETOUR_CODE_PAGE=\"\r\n"
)

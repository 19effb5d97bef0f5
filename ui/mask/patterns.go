package mask

import (
	"bytes"
	"strings"
)

// A new pattern needs a call in hidden (masker.go), and a character of isPlain's in each
// text that has it. IDs are in ids.go, fields that are masked by their names in field.go.

// masked stands for each cell that is hidden.
const masked = '*'

// isPlain reports whether s has none of the characters that everything to mask contains,
// such as digits and dots.
func isPlain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c), c == '.', c == '@', c == ':', c == '%', c == '=', c == '~', c == '>', c == '/', c == '\\', c == '-':
			return false
		}
	}
	return true
}

// hide masks b except for the characters in keep.
func hide(b []byte, keep string) {
	for i, c := range b {
		if strings.IndexByte(keep, c) < 0 {
			b[i] = masked
		}
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func isAlnum(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }

// maxWord is the longest word that is looked for at a cut.
const maxWord = 512

// hideHomes masks user names in the paths of home directories.
func hideHomes(b []byte) {
	for _, dir := range []string{"/home/", "/Users/", `\Users\`} {
		for at := 0; ; {
			i := bytes.Index(b[at:], []byte(dir))
			if i < 0 {
				break
			}
			at += i + len(dir)
			for ; at < len(b) && b[at] > ' ' && strings.IndexByte("/\\\"'`:,;()<>&?", b[at]) < 0; at++ {
				b[at] = masked
			}
		}
	}
}

// Cut masks the last word of a text that was cut at its end: nobody can tell what the
// word was.
func (m *Masker) Cut(s string) string {
	if !m.Hides() {
		return s
	}
	at := len(s)
	for at > max(0, len(s)-maxWord) && strings.IndexByte(" \"'<>,;", s[at-1]) < 0 {
		at--
	}
	b := []byte(s)
	hide(b[at:], "")
	return asterisks(s, b)
}

// maskARNs masks ARNs except for partition, service and Region:
// arn:partition:service:region:account:resource, with colons as they are or escaped as in a
// URL.
func maskARNs(b []byte) {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("arn"))
		if i < 0 {
			return
		}
		at += i + len("arn")
		colon := ":"
		for _, c := range []string{"%3A", "%3a", "%253A"} {
			if bytes.HasPrefix(b[at:], []byte(c)) {
				colon = c
			}
		}
		if !bytes.HasPrefix(b[at:], []byte(colon)) {
			continue
		}
		end := at
		for end < len(b) && b[end] > ' ' && strings.IndexByte("\"'`,;()[]{}<>|\\&", b[end]) < 0 {
			end++
		}
		from := at
		for range 4 {
			i := bytes.Index(b[from:end], []byte(colon))
			if i < 0 {
				from = end
				break
			}
			from += i + len(colon)
		}
		hide(b[from:end], ":/")
		at = end
	}
}

// maskMail masks what looks like an e-mail address, with its @ as it is or escaped as in a
// URL.
func maskMail(b []byte) {
	in := func(c byte) bool { return isAlnum(c) || c >= 0x80 || strings.IndexByte("._%+-*", c) >= 0 }
	for i := range b {
		n := 0
		switch {
		case b[i] == '@':
			n = 1
		case bytes.HasPrefix(b[i:], []byte("%40")):
			n = len("%40")
		case bytes.HasPrefix(b[i:], []byte("%2540")):
			n = len("%2540")
		default:
			continue
		}
		from, to := i, i+n
		for from > 0 && in(b[from-1]) {
			from--
		}
		for to < len(b) && in(b[to]) {
			to++
		}
		if from < i && to > i+n {
			hide(b[from:i], ".")
			hide(b[i+n:to], ".")
		}
	}
}

// maskAccounts masks account IDs: twelve digits, or three groups of four separated by
// hyphens or blanks. In a hash, or in the last part of a UUID, twelve digits aren't an
// account ID.
func maskAccounts(b []byte) {
	for i := 0; i < len(b); i++ {
		if !isDigit(b[i]) {
			continue
		}
		end := i + leadingDigits(b[i:])
		switch n := end - i; {
		case n == 12 && !inHash(b, i, end) && !inUUID(b, i, end):
			hide(b[i:end], "")
		case n == 4:
			if to := groupedAccount(b, i); to > 0 {
				hide(b[i:to], "- ")
				end = to
			}
		}
		i = end - 1
	}
}

// groupedAccount is where three groups of four digits end that begin at i; 0 if they are part of
// something longer.
func groupedAccount(b []byte, i int) int {
	const n = len("1234-5678-9012")
	if i+n > len(b) || i > 0 && (isAlnum(b[i-1]) || b[i-1] == '-') || i+n < len(b) && (isAlnum(b[i+n]) || b[i+n] == '-') {
		return 0
	}
	sep := b[i+4]
	if sep != '-' && sep != ' ' || b[i+9] != sep || leadingDigits(b[i+5:]) != 4 || leadingDigits(b[i+10:]) != 4 {
		return 0
	}
	return i + n
}

// inHash reports whether digits from i to end are in a run of hexadecimal digits as long as
// those of hashes and trace IDs.
func inHash(b []byte, i, end int) bool {
	const shortest = 16
	from, to := i, end
	for from > 0 && isAlnum(b[from-1]) {
		from--
	}
	for to < len(b) && isAlnum(b[to]) {
		to++
	}
	for _, c := range b[from:to] {
		if !isHex(c) {
			return false
		}
	}
	return to-from >= shortest
}

// inUUID reports whether twelve digits are the last part of a UUID.
func inUUID(b []byte, i, end int) bool {
	const before = "00000000-0000-0000-0000-"
	if i < len(before) || end < len(b) && isAlnum(b[end]) {
		return false
	}
	for j, c := range b[i-len(before) : i] {
		if before[j] == '-' != (c == '-') || c != '-' && !isHex(c) {
			return false
		}
	}
	return true
}

// leadingDigits is how many digits b begins with.
func leadingDigits(b []byte) int {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return n
}

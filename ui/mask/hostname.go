package mask

import (
	"bytes"
	"slices"
	"strings"
)

// words calls do with each word of b that may be a name, without dots and hyphens around
// it. URL escapes aren't part of a word.
func words(b []byte, do func(from, to int)) {
	for i := 0; i < len(b); i++ {
		if b[i] == '%' && i+2 < len(b) && isHex(b[i+1]) && isHex(b[i+2]) {
			i += 2
			continue
		}
		if !inName(b[i]) {
			continue
		}
		end := i
		for end < len(b) && (inName(b[end]) || b[end] == '\\' && end+1 < len(b) && b[end+1] == '.') {
			end++
		}
		from, to := i, end
		for from < to && (b[from] == '.' || b[from] == '-') {
			from++
		}
		for from < to && (b[to-1] == '.' || b[to-1] == '-' || b[to-1] == '\\') {
			to--
		}
		if from < to {
			do(from, to)
		}
		i = end - 1
	}
}

func inName(c byte) bool { return isAlnum(c) || c >= 0x80 || strings.IndexByte(".-_*", c) >= 0 }

// hideNames masks learned names, host names except for what AWS publishes of them, and IDs
// of what is in a VPC.
func (m *Masker) hideNames(b []byte) {
	words(b, func(at, end int) {
		word := b[at:end]
		if bytes.IndexByte(word, '\\') >= 0 { // of a regular expression: without its escapes
			plain := bytes.ReplaceAll(word, []byte{'\\'}, nil)
			m.hideWord(plain, 0)
			for i, j := 0, 0; i < len(word); i++ {
				if word[i] != '\\' {
					word[i] = plain[j]
					j++
				}
			}
			return
		}
		before := byte(0)
		if at > 0 {
			before = b[at-1]
		}
		if before == '\\' && end-at > 1 && strings.IndexByte("nrt", word[0]) >= 0 { // an escaped line feed of JSON
			m.hideWord(word[1:], ' ')
		}
		if isUniqueID(word) {
			hide(word[4:], "")
			if end < len(b) && b[end] == ':' { // the name of the session
				for end++; end < len(b) && b[end] > ' ' && strings.IndexByte("\"'`,;()[]{}<>\\&", b[end]) < 0; end++ {
					b[end] = masked
				}
			}
			return
		}
		m.hideWord(word, before)
	})
}

// hideWord masks a word that is a name, or the part of it that is an ID.
func (m *Masker) hideWord(word []byte, before byte) {
	switch own := bytes.Index(word, []byte("vpce-svc-")); {
	case own >= 0: // the endpoint service of a customer
		hide(word[own:], ".")
	case m.knows(word):
		m.hideLabels(word)
	case isName(word, before):
		m.hideName(word)
	default:
		for len(word) > 0 {
			label, rest, _ := bytes.Cut(word, []byte("."))
			if isResource(label) {
				hide(label, "")
			}
			word = rest
		}
	}
}

// hideURLs masks hosts of URLs, whatever their form, and user names before them.
func (m *Masker) hideURLs(b []byte) {
	for _, slashes := range []string{"://", `:\/\/`, "%3A%2F%2F", "%3a%2f%2f"} {
		for at := 0; ; {
			i := bytes.Index(b[at:], []byte(slashes))
			if i < 0 {
				break
			}
			at += i + len(slashes)
			end := at
			for end < len(b) && end-at < maxWord && b[end] > ' ' && strings.IndexByte("/?#\"'<>,;)]}|\\%&", b[end]) < 0 {
				if b[end] == '[' { // an IPv6 address
					if n := bytes.IndexByte(b[end:], ']'); n > 0 {
						end += n
					}
				}
				end++
			}
			from := at
			if user := bytes.LastIndexByte(b[at:end], '@'); user >= 0 {
				hide(b[at:at+user], "")
				from += user + 1
			}
			if from < end {
				m.hideHost(b[from:end])
			}
			at = end
		}
	}
}

// isName reports whether a word with dots is a host name rather than the name of a file, a
// version or a part of a program. The latter two have digits or capitals in their last
// part. before is the character before the word.
func isName(word []byte, before byte) bool {
	i := bytes.LastIndexByte(word, '.')
	if i < 0 || before == '/' && bytes.HasPrefix(word, []byte("vnd.")) || bytes.Contains(word, []byte("..")) {
		return false
	}
	last := word[i+1:]
	low := strings.ToLower(string(last))
	if len(last) < 2 {
		return false
	}
	if bytes.HasPrefix(word, []byte("detour-")) && (low == "md" || low == "zip") { // the name of an export; else these are domains
		return false
	}
	if slices.Contains(fileExtensions, low) {
		name := word[:i]
		return before != '/' && bytes.IndexByte(name, '.') >= 0 &&
			!slices.Contains(fileExtensions, string(name[bytes.LastIndexByte(name, '.')+1:])) &&
			!bytes.HasSuffix(name, []byte(".min")) && !bytes.HasSuffix(name, []byte(".bundle"))
	}
	if strings.HasPrefix(low, "xn--") {
		return true
	}
	lower, upper := 0, 0
	for _, c := range last {
		switch {
		case 'a' <= c && c <= 'z':
			lower++
		case 'A' <= c && c <= 'Z':
			upper++
		case c < 0x80:
			return false
		}
	}
	return lower == 0 || upper == 0 || slices.Contains(topDomains, low) || slices.Contains(privateDomains, low)
}

// privateDomains are top-level domains of private networks; topDomains are others that
// count whatever their case. A word whose last part mixes cases is otherwise not a host.
var (
	privateDomains = []string{
		"corp", "internal", "intra", "intranet", "local", "lan", "home", "private", "priv", "test", "example", "arpa",
	}
	topDomains = []string{
		"com", "net", "org", "edu", "gov", "mil", "int", "info", "biz", "io", "co", "dev", "app", "cloud", "aws",
		"jp", "de", "uk", "fr", "eu", "us", "ca", "au", "cn", "nl", "ch", "at", "se", "kr", "sg", "tw", "hk", "br",
		"es", "it", "pl", "ai",
	}
)

// ordinaryLabels are labels of host names that are also ordinary words, and don't reveal
// whose they are.
var ordinaryLabels = []string{
	"www", "api", "apis", "app", "apps", "mail", "static", "assets", "images", "proxy", "gateway", "host",
	"hosts", "server", "internal", "private", "public", "local", "corp", "test", "prod", "stage", "staging",
	"direct", "console", "other", "calls", "call", "detour", "portal", "login", "auth", "service", "services",
	"cloud", "data", "http", "https", "user", "users", "role", "roles", "root", "admin", "home", "info", "status",
	"address", "page", "example",
}

// fileExtensions are extensions of files; none is a top-level domain.
var fileExtensions = []string{
	"js", "mjs", "css", "html", "htm", "json", "xml", "png", "svg", "jpg", "gif", "ico", "woff", "woff2", "map",
	"txt", "har", "jsonl", "csv", "log", "pem", "detour",
}

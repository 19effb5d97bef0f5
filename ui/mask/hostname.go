package mask

import (
	"bytes"
	"slices"
	"strings"
)

// words calls do with each word of b that may be a name, without the dots and hyphens
// around it. Escapes of URLs are no part of it.
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

// hideNames masks host names but for what is public of AWS's, names that were learned,
// and ids of what is in a VPC.
func (m *Masker) hideNames(b []byte) {
	words(b, func(at, end int) {
		word := b[at:end]
		if bytes.IndexByte(word, '\\') >= 0 { // of a regular expression: as it is without its escapes
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
		if before == '\\' && end-at > 1 && strings.IndexByte("nrt", word[0]) >= 0 { // of JSON: a new line
			m.hideWord(word[1:], ' ')
		}
		if isUniqueID(word) {
			hide(word[4:], "")
			if end < len(b) && b[end] == ':' { // the session's name
				for end++; end < len(b) && b[end] > ' ' && strings.IndexByte("\"'`,;()[]{}<>\\&", b[end]) < 0; end++ {
					b[end] = masked
				}
			}
			return
		}
		m.hideWord(word, before)
	})
}

// hideWord masks a word that is a name, or a part of it that is an id.
func (m *Masker) hideWord(word []byte, before byte) {
	switch own := bytes.Index(word, []byte("vpce-svc-")); {
	case own >= 0: // a customer's endpoint service, by whatever name
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

// hideURLs masks the hosts of URLs, whatever their form, and the users before them.
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
				if b[end] == '[' { // an address, whose colons and bracket are part of it
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

// uniqueIDs are the beginnings of ids that IAM gives to people, roles and keys.
var uniqueIDs = []string{"AROA", "AIDA", "AGPA", "AIPA", "ANPA", "ANVA", "ASIA", "AKIA", "APKA", "ASCA", "ABIA", "ACCA"}

func isUniqueID(word []byte) bool {
	if len(word) < 11 || !slices.Contains(uniqueIDs, string(word[:4])) {
		return false
	}
	for _, c := range word[:11] {
		if !isDigit(c) && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// resources are the beginnings of ids of what is in a VPC, and of directories.
var resources = []string{"vpce", "vpc", "subnet", "eni", "sg", "rtb", "igw", "nat", "tgw", "i", "d"}

// isResource reports whether a label is an id of what is in a VPC, or the name that
// an instance has of its address: "vpce-0abc1234def56789a", "ip-10-0-1-23".
func isResource(label []byte) bool {
	kind, rest, ok := bytes.Cut(label, []byte("-"))
	if !ok {
		return false
	}
	if string(bytes.ToLower(kind)) == "ip" {
		a, _, ok := quad(bytes.ReplaceAll(rest, []byte("-"), []byte(".")))
		return ok && a.IsValid() && len(bytes.Trim(rest, "0123456789-")) == 0
	}
	id, _, _ := bytes.Cut(rest, []byte("-"))
	if len(id) < 8 || len(id) > 17 || !slices.Contains(resources, string(kind)) {
		return false
	}
	for _, c := range id {
		if !isHex(c) {
			return false
		}
	}
	return true
}

// isName reports whether a word with dots is a host's name rather than a file's, a
// version, or what a program calls its parts. The latter two have digits or
// capitals within their last part. before is what stands before the word.
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
	if bytes.HasPrefix(word, []byte("detour-")) && (low == "md" || low == "zip") { // as an export is called; others are domains
		return false
	}
	if slices.Contains(endings, low) {
		name := word[:i]
		return before != '/' && bytes.IndexByte(name, '.') >= 0 && !slices.Contains(endings, string(name[bytes.LastIndexByte(name, '.')+1:])) &&
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
	return lower == 0 || upper == 0 || slices.Contains(domainEndings, low) || slices.Contains(innerEndings, low)
}

// innerEndings are those of names in somebody's own network; domainEndings are others
// that are known in any case: a word whose last part has both cases is else no host's.
var (
	innerEndings  = []string{"corp", "internal", "intra", "intranet", "local", "lan", "home", "private", "priv", "test", "example", "arpa"}
	domainEndings = []string{"com", "net", "org", "edu", "gov", "mil", "int", "info", "biz", "io", "co", "dev", "app", "cloud", "aws", "jp", "de", "uk", "fr", "eu", "us", "ca", "au", "cn", "nl", "ch", "at", "se", "kr", "sg", "tw", "hk", "br", "es", "it", "pl", "ai"}
)

// commonLabels are labels of hosts' names that are words, too, and say nothing of whose they are.
var commonLabels = []string{
	"www", "api", "apis", "app", "apps", "mail", "static", "assets", "images", "proxy", "gateway", "host", "hosts", "server", "internal", "private", "public",
	"local", "corp", "test", "prod", "stage", "staging", "direct", "console", "other", "calls", "call", "detour", "portal", "login", "auth", "service", "services",
	"cloud", "data", "http", "https", "user", "users", "role", "roles", "root", "admin", "home", "info", "status", "address", "page", "example",
}

// endings are those of files; none is a domain.
var endings = []string{"js", "mjs", "css", "html", "htm", "json", "xml", "png", "svg", "jpg", "gif", "ico", "woff", "woff2", "map", "txt", "har", "jsonl", "csv", "log", "pem", "detour"}

package mask

import (
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"detour/internal/alias"
)

// maxNamed limits what gets a name, in bytes. Longer things become asterisks.
const maxNamed = 255

// A spot is a text with what of it is masked.
type spot struct {
	s string
	b []byte // s with an asterisk for each byte that is masked
}

// hidden reports whether a byte is masked.
func (t spot) hidden(i int) bool { return i < len(t.s) && t.b[i] != t.s[i] }

// run returns the end of what is masked from i on, including what follows after one of joints.
func (t spot) run(i int, joints ...string) int {
	end := t.end(i)
next:
	for {
		for _, j := range joints {
			if strings.HasPrefix(t.s[end:], j) && t.hidden(end+len(j)) {
				end = t.end(end + len(j))
				continue next
			}
		}
		return end
	}
}

// end returns the end of the masked bytes from i on, with whole characters.
func (t spot) end(i int) int {
	for t.hidden(i) || i < len(t.s) && !utf8.RuneStart(t.s[i]) {
		i++
	}
	return i
}

// named returns s with a name for each thing of which b has something masked. Only things that
// have one already get their names if known is true. What has no name becomes asterisks.
func (m *Masker) named(s string, b []byte, known bool) string {
	if string(b) == s {
		return s
	}
	t := spot{s, b}
	var out strings.Builder
	for i := 0; i < len(s); {
		if s[i] == ':' && strings.HasPrefix(s[i:], "::") && t.hidden(i+2) { // of ::ffff:10.0.0.1
			if end := t.run(i+2, "::", ":", "."); isAddress(s[i:end]) {
				out.WriteString(m.name(alias.Host, t, i, end, known))
				i = end
				continue
			}
		}
		if !t.hidden(i) {
			out.WriteByte(s[i])
			i++
			continue
		}
		var name string
		i, name = m.thing(t, i, known)
		out.WriteString(name)
	}
	return out.String()
}

// thing returns the name of what is masked from i on, and where it ends.
func (m *Masker) thing(t spot, i int, known bool) (end int, name string) {
	if n := colonsOfARN(t.s[:i]); n >= 4 {
		end = t.run(i, "::", ":", "/")
		return end, m.resource(t, i, end, n == 4, known)
	}
	if to := groupedAccount([]byte(t.s), i); to > 0 {
		return to, m.name(alias.Account, t, i, to, known)
	}
	for _, joints := range [][]string{{"::", ":", "."}, {"."}} {
		if end = t.run(i, joints...); isAddress(t.s[i:end]) {
			return end, m.name(alias.Host, t, i, end, known)
		}
	}
	if end = t.run(i, "::", ":"); strings.HasPrefix(t.s[end:], "::") && isAddress(t.s[i:end]+"::") { // of a network
		return end + 2, m.value(alias.Host, t.s[i:end]+"::", known)
	}
	end = t.run(i, ".", `\.`, `\\.`, "-")
	before := t.s[:i]
	for _, at := range []string{"@", "%40", "%2540"} {
		if strings.HasPrefix(t.s[end:], at) && t.hidden(end+len(at)) && !strings.HasSuffix(before, "//") {
			whole := t.run(end+len(at), ".", "-")
			if v := t.s[i:end] + "@" + t.s[end+len(at):whole]; len(v) <= maxNamed {
				return whole, m.value(alias.Email, v, known)
			}
		}
	}
	kind := alias.Host
	if namesPerson(before) || strings.HasPrefix(t.s[end:], "@") {
		kind = alias.Name
	}
	return end, m.name(kind, t, i, end, known)
}

// name returns the name of what is from i up to, but not including, end.
func (m *Masker) name(kind alias.Kind, t spot, i, end int, known bool) string {
	if v := strings.ReplaceAll(t.s[i:end], `\`, ""); len(v) <= maxNamed {
		if name := m.value(kind, v, known); name != "" {
			return name
		}
	}
	return asterisks(t.s[i:end], t.b[i:end])
}

// value returns the name of a value; "" if it has none.
func (m *Masker) value(kind alias.Kind, v string, known bool) string {
	if _, ok := m.names.Value(v); ok { // it was masked already
		return v
	}
	if strings.Trim(v, "0123456789.") == "" && !isAddress(v) && len(v) != 12 { // a part of an address
		return ""
	}
	if known {
		name, _ := m.names.Known(v)
		return name
	}
	return m.names.Of(kind, v)
}

// resource names the account and the resource of an ARN, part by part. Types stay.
func (m *Masker) resource(t spot, i, end int, account, known bool) string {
	var out strings.Builder
	typed := account // the next part may be a type
	for i < end {
		n := strings.IndexAny(t.s[i:end], ":/%")
		if n < 0 {
			n = end - i
		}
		if n > 0 {
			switch part := t.s[i : i+n]; {
			case account && part == "aws", !account && typed && i+n < end && slices.Contains(resourceTypes, part):
				out.WriteString(part)
			default:
				out.WriteString(m.name(alias.Name, t, i, i+n, known))
			}
			i, typed = i+n, account
		}
		account = false
		for _, sep := range []string{"%253A", "%3A", "%3a", "%2F", "%2f", ":", "/", "%"} {
			if i < end && strings.HasPrefix(t.s[i:end], sep) {
				out.WriteString(sep)
				i += len(sep)
				break
			}
		}
	}
	return out.String()
}

// resourceTypes are what precedes names in ARNs. They are the same for everybody.
var resourceTypes = []string{
	"user", "role", "group", "policy", "assumed-role", "federated-user", "instance-profile", "log-group", "log-stream", "function",
	"table", "key", "alias", "secret", "parameter", "certificate", "cluster", "instance", "alarm", "rule", "vpc-endpoint", "security-group",
}

// colonsOfARN counts the colons of the ARN that s ends in, plain or escaped; 0 if it ends in
// none.
func colonsOfARN(s string) int {
	s = s[max(0, len(s)-2*maxNamed):]
	at := strings.LastIndex(s, "arn")
	if at < 0 || strings.ContainsAny(s[at:], " \t\"'`,;()[]{}<>|\\&") {
		return 0
	}
	rest := s[at+len("arn"):]
	for _, colon := range []string{"%253A", "%3A", "%3a", ":"} {
		if strings.HasPrefix(rest, colon) {
			return strings.Count(rest, colon)
		}
	}
	return 0
}

// namesPerson reports whether a text ends in what only the name of a person or a role follows.
func namesPerson(before string) bool {
	for _, dir := range []string{"/home/", "/Users/", `\Users\`} {
		if strings.HasSuffix(before, dir) {
			return true
		}
	}
	word := strings.TrimSuffix(before, ":")
	word = word[strings.LastIndexAny(word, " \"'`,;()[]{}<>\\&=/")+1:]
	if len(word) >= 4 && slices.Contains(uniqueIDs, word[:4]) {
		return true
	}
	return contains(personFields, fieldBefore([]byte(strings.TrimRight(before, " \":=~>\\"))))
}

func isAddress(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	_, _, ok := parseIPv4([]byte(s))
	return ok
}

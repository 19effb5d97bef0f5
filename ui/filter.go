package ui

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"detour/internal/flow"
)

// A filter is what a person typed after "/": words that must all occur in what
// the table shows of a flow, in any case, in any order.
type filter struct {
	text  string
	words []string // lower case
}

func newFilter(text string) filter {
	return filter{text, strings.Fields(strings.ToLower(text))}
}

// narrows reports whether every flow that f lets through also passed old.
func (f filter) narrows(old filter) bool { return strings.HasPrefix(f.text, old.text) }

// match reports whether fl passes.
func (f filter) match(fl *flow.Flow) bool {
	for _, w := range f.words {
		if !mentions(fl, w) {
			return false
		}
	}
	return true
}

// mentions reports whether word, in lower case, occurs in a fact of the flow
// that the table shows.
func mentions(f *flow.Flow, word string) bool {
	has := func(s string) bool { return containsFold(s, word) }
	if has(f.Request.URL) || has(f.Request.Method) || has(originWord(f.Origin)) || has(string(f.Origin)) || has(string(f.State)) {
		return true
	}
	if a := f.AWS; a != nil {
		if has(a.ServiceName) || has(a.Service) || has(a.Operation) || has(a.Region) || a.Error != nil && has(a.Error.Code) {
			return true
		}
		if a.Measured > 0 && has("beacon") {
			return true
		}
	}
	if f.Response != nil && has(strconv.Itoa(f.Response.Status)) || f.Failure != nil && (has(string(f.Failure.Stage)) || has("fail")) {
		return true
	}
	if f.Tunnel != nil && has("tunnel") || f.Reused && has("reused") || f.Marked && has("marked") || f.Note != "" && has(f.Note) {
		return true
	}
	for _, c := range f.Findings {
		if has(c) {
			return true
		}
	}
	return connMentions(f.Conn, has)
}

func connMentions(c *flow.Conn, has func(string) bool) bool {
	if c == nil {
		return false
	}
	if r := c.Resolution; r != nil {
		if has(string(r.Outcome)) || has(string(r.Source)) {
			return true
		}
		for _, a := range r.Addrs {
			if has(string(flow.ScopeOf(a))) || has(addrText(a)) {
				return true
			}
		}
	}
	for i := range c.Attempts {
		a := &c.Attempts[i]
		if has(string(a.Outcome)) || has(dialWord(a.Outcome)) || has(addrText(a.Addr.Addr())) || has(a.Interface) {
			return true
		}
	}
	return c.TLS != nil && (has(string(c.TLS.Outcome)) || has(c.TLS.Version))
}

func addrText(a netip.Addr) string { return a.String() }

// containsFold reports whether s contains word, which is in lower case. ASCII
// is compared without copying: this runs for every flow at every key.
func containsFold(s, word string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.Contains(strings.ToLower(s), word)
		}
	}
	for i := 0; i+len(word) <= len(s); i++ {
		if foldPrefix(s[i:], word) {
			return true
		}
	}
	return word == ""
}

func foldPrefix(s, word string) bool {
	for i := range len(word) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// dropWord is text without its last word, as Ctrl-W does.
func dropWord(text string) string {
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	return text[:strings.LastIndexFunc(text, unicode.IsSpace)+1]
}

package redact

import (
	"strings"
	"sync"
)

// foreign redacts one of the many short texts of a flow that come from elsewhere: a host
// name, an error, the subject of a certificate.
func (p *pass) foreign(s string) string { return p.remembering(&p.harmless, s, p.message) }

// sentence redacts the value of a header whose values don't nest others.
func (p *pass) sentence(s string) string {
	return p.remembering(&p.harmlessFields, s, p.text)
}

// remembering calls do and remembers the texts that it doesn't change: nearly all of them,
// and most of them are in every flow.
func (p *pass) remembering(harmless *textSet, s string, do func(string) string) string {
	if s == "" {
		return s
	}
	if isToken(s) {
		return p.looks(s)
	}
	if harmless.has(s) {
		return s
	}
	out := do(s)
	if out == s {
		harmless.add(s)
	}
	return out
}

// isToken reports whether s is a single word, such as a host or a version, without names and
// values. A longer word without a dot may be base64.
func isToken(s string) bool {
	dotted := false
	for i := range len(s) {
		c := s[i]
		if !isWord(c) && strings.IndexByte(".-*/", c) < 0 {
			return false
		}
		dotted = dotted || c == '.'
	}
	return dotted || len(s) < 40
}

// Limits of the texts that are remembered.
const (
	maxHarmless     = 1024
	maxHarmlessText = 256
)

// A textSet is a bounded set of texts. The zero value is empty. It may be used
// concurrently.
type textSet struct {
	mu  sync.RWMutex
	all map[string]struct{}
}

func (t *textSet) has(s string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	_, ok := t.all[s]
	return ok
}

// add adds a text. If there are too many, it removes all others.
func (t *textSet) add(s string) {
	if len(s) > maxHarmlessText {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil || len(t.all) >= maxHarmless {
		t.all = make(map[string]struct{})
	}
	t.all[strings.Clone(s)] = struct{}{}
}

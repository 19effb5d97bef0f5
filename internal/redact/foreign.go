package redact

import (
	"strings"
	"sync"
)

// foreign redacts one of the many short texts of a flow that somebody else chose: a
// host's name, an error, the subject of a certificate.
func (p *pass) foreign(s string) string { return p.remembering(&p.harmless, s, p.message) }

// sentence redacts the value of a header that has no syntax in which a value could be
// nested.
func (p *pass) sentence(s string) string {
	return p.remembering(&p.harmlessFields, s, p.text)
}

// remembering does what do does. Nearly all texts are harmless and come again with
// each flow, so those that stay as they are are remembered.
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

// isToken reports whether s is one word, as hosts and versions are, in which nothing
// can be named and nothing be encoded. A longer word without a dot may be base64.
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

// Bounds of the texts that are remembered.
const (
	maxHarmless     = 1024
	maxHarmlessText = 256
)

// A textSet is a bounded set of texts. Its zero value is empty. It may be used
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

// add adds a text, in the place of all others if there are too many.
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

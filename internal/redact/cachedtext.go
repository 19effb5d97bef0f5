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
	return p.remembering(&p.harmlessValues, s, p.text)
}

// remembering calls do and remembers the texts that it doesn't change: nearly all of them,
// and most of them are in every flow. What a service's sensitive members are decides, too.
func (p *pass) remembering(harmless *textSet, s string, do func(string) string) string {
	if s == "" {
		return s
	}
	if isToken(s) {
		return p.looks(s)
	}
	if p.mixed || p.opt.Fleet { // whose an address is may be learned later
		return do(s)
	}
	if harmless.has(s, p.service) {
		return s
	}
	out := do(s)
	if out == s {
		harmless.add(s, p.service)
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

// A textSet is a bounded set of texts, each in calls of a service. The zero value is empty.
// It may be used concurrently.
type textSet struct {
	of boundedMap[serviceText, struct{}]
}

type serviceText struct{ text, service string }

func (t *textSet) has(s, service string) bool {
	_, ok := t.of.get(serviceText{s, service})
	return ok
}

// add adds a text, if it isn't long.
func (t *textSet) add(s, service string) {
	if len(s) <= maxHarmlessText {
		t.of.put(serviceText{strings.Clone(s), service}, struct{}{})
	}
}

// A boundedMap has at most maxHarmless entries.
type boundedMap[K comparable, V any] struct {
	mu  sync.RWMutex
	all map[K]V
}

func (b *boundedMap[K, V]) get(key K) (value V, known bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	value, known = b.all[key]
	return value, known
}

// put adds an entry. If there are too many, it removes all others.
func (b *boundedMap[K, V]) put(key K, value V) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all == nil || len(b.all) >= maxHarmless {
		b.all = make(map[K]V)
	}
	b.all[key] = value
}

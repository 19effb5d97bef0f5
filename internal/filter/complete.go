package filter

import (
	"sort"
	"strings"

	"detour/internal/flow"
)

// A Candidate is one way to continue an expression.
type Candidate struct {
	Text string // replaces the expression from Completion.From on
	Doc  string // what it means; "" if that is obvious
}

// A Completion says how the word at the end of an expression may continue.
type Completion struct {
	From       int // byte at which the word, or its value, begins
	Candidates []Candidate
}

// Complete returns the keys that begin with the word at the end of text, or, behind
// a key, its values. seen returns the values that the current flows have for a key
// with an open set; it may be nil.
func Complete(text string, seen func(key string) []string) Completion {
	from, inWord := lastWord(text)
	word := text[from:]
	if name, _, n := splitKey(word); inWord && n > 0 {
		k, ok := index(keys())[strings.ToLower(name)]
		if !ok {
			return Completion{From: len(text)}
		}
		value := word[n:]
		if i := strings.LastIndexByte(value, ','); i >= 0 && !strings.HasPrefix(value, `"`) {
			n += i + 1
			value = value[i+1:]
		}
		return Completion{from + n, k.candidates(strings.TrimPrefix(value, `"`), seen)}
	}
	c := Completion{From: from}
	for _, k := range keys() {
		if begins(k.name, word) {
			c.Candidates = append(c.Candidates, Candidate{k.name + ":", k.doc})
		}
	}
	return c
}

// Settled returns an expression without the unfinished word at its end.
func Settled(text string) string {
	from, _ := lastWord(text)
	return text[:from]
}

// lastWord returns where the word at the end of text begins. inWord is false if text
// doesn't end in a word that can be completed.
func lastWord(text string) (from int, inWord bool) {
	at := 0
	for {
		t := next(text, at)
		switch {
		case t.kind == tokenEnd:
			return len(text), false
		case t.to == len(text) && t.kind == tokenWord:
			return t.from, true
		case t.to == len(text):
			return t.to, false
		}
		at = t.to
	}
}

// candidates returns the values that begin with value, then those that contain it.
func (k key) candidates(value string, seen func(string) []string) []Candidate {
	var all []Candidate
	for _, c := range k.words {
		all = append(all, Candidate{c.word, c.doc})
	}
	for _, x := range k.flags {
		all = append(all, Candidate{x.word, x.doc})
	}
	if k.addrs != nil {
		for _, c := range scopes() {
			all = append(all, Candidate{c.word, c.doc})
		}
	}
	if all == nil && seen != nil {
		vs := seen(k.name)
		sort.Strings(vs)
		for _, v := range vs {
			if v != "" {
				all = append(all, Candidate{quoteValue(v), ""})
			}
		}
	}
	var first, second []Candidate
	for _, c := range all {
		switch plain := strings.TrimPrefix(c.Text, `"`); {
		case begins(plain, value):
			first = append(first, c)
		case foldedText(value).in(plain):
			second = append(second, c)
		}
	}
	return append(first, second...)
}

// begins reports whether s begins with prefix, ignoring case.
func begins(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// quoteValue returns v as it is written after an operator.
func quoteValue(v string) string {
	if v != "" && !strings.ContainsAny(v, " \t\"'(),\\") {
		return v
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}

// Equals returns the condition that a key has exactly this value.
func Equals(key, value string) string { return key + "=" + quoteValue(value) }

// Texts returns a function that calls yield with each value that a flow has for a key
// with an open set of values; nil for other keys. It serves Complete's seen.
func Texts(name string) func(f *flow.Flow, yield func(string)) {
	k := index(keys())[name]
	if k.texts == nil || k.words != nil {
		return nil
	}
	return func(f *flow.Flow, yield func(string)) {
		k.texts(f, func(s string) bool {
			yield(s)
			return false
		})
	}
}

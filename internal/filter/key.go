package filter

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/nearest"
)

// A key is a fact of a flow that conditions test. Which of its functions is set
// says what kind of key it is.
type key struct {
	name    string
	also    []string // other names of it
	doc     string   // what it is, a phrase without a full stop
	example string   // a value
	moves   bool     // changes as time passes
	lists   bool     // is about the findings that list a flow
	judged  bool     // other flows may change it
	section string   // of the reference

	// words is the closed set of a text key's values; nil if any text may be one.
	words []choice
	// texts calls yield with each text that the flow has under this key, until one
	// satisfies it, and reports whether one did.
	texts func(f *flow.Flow, yield func(string) bool) bool
	// number is the flow's value; ok is false if it has none.
	number func(f *flow.Flow, now time.Time) (n int64, ok bool)
	unit   unit
	// addrs calls yield with each address, like texts.
	addrs func(f *flow.Flow, yield func(netip.Addr) bool) bool
	// flags are conditions by name.
	flags []named
}

// A choice is one word of a closed set.
type choice struct {
	word string
	also []string // other names for it
	doc  string   // "" if the word explains itself
}

// A named is a condition with a name, such as is:pending.
type named struct {
	word string
	doc  string
	test test
}

// index returns keys by each of their names.
func index(ks []key) map[string]key {
	m := make(map[string]key, 2*len(ks))
	for _, k := range ks {
		m[k.name] = k
		for _, a := range k.also {
			m[a] = k
		}
	}
	return m
}

// operators returns the operators that may follow the key.
func (k key) operators() []string {
	switch {
	case k.texts != nil:
		return []string{":", "=", "~", "!=", "!~"}
	case k.number != nil:
		return []string{":", "=", "!=", ">", ">=", "<", "<="}
	}
	return []string{":", "=", "!="}
}

func (k key) takes(op string) bool { return slices.Contains(k.operators(), op) }

// expects describes the values.
func (k key) expects() string {
	if vs := k.values(); len(vs) > 0 {
		return "one of " + strings.Join(vs, ", ")
	}
	return "for example " + k.name + ":" + k.example
}

// values returns the values of a closed set; nil if the set is open.
func (k key) values() []string {
	var out []string
	for _, c := range k.words {
		out = append(out, c.word)
	}
	for _, x := range k.flags {
		out = append(out, x.word)
	}
	return out
}

// compile returns the test of a value. A negating operator is compiled as the one
// that it negates. A quoted value isn't a list.
func (k key) compile(op, value string, quoted bool) (test, error) {
	op = strings.TrimPrefix(op, "!")
	if op == "~" {
		return k.regex(value)
	}
	values := []string{value}
	if !quoted {
		values = strings.Split(value, ",")
	}
	var out test
	for _, v := range values {
		if v == "" && !quoted {
			return nil, bad("the list has an empty value", "")
		}
		t, err := k.one(op, v)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = t
		} else {
			out = or(out, t)
		}
	}
	return out, nil
}

func (k key) one(op, value string) (test, error) {
	switch {
	case k.number != nil:
		return k.compare(op, value)
	case k.addrs != nil:
		return k.within(value)
	case k.flags != nil:
		for _, x := range k.flags {
			if strings.EqualFold(x.word, value) {
				return x.test, nil
			}
		}
		return nil, k.noSuch(value)
	case k.words != nil:
		return k.choose(value)
	}
	return k.contains(op, value), nil
}

// A valueError says what is wrong with a value; the parser knows where it is.
type valueError struct{ msg, hint string }

func (e *valueError) Error() string { return e.msg }

func bad(msg, hint string) error { return &valueError{msg, hint} }

func hintOf(err error) string {
	if e, ok := err.(*valueError); ok { //nolint:errorlint // it is never wrapped
		return e.hint
	}
	return ""
}

// noSuch returns the error for a value outside a closed set.
func (k key) noSuch(value string) error {
	vs := k.values()
	hint := "one of " + strings.Join(vs, ", ")
	for _, c := range k.words {
		vs = append(vs, c.also...)
	}
	if near := nearest.Word(strings.ToLower(value), vs); near != "" {
		hint = "did you mean " + k.name + ":" + near + "?"
	}
	return bad(quote(value)+" isn't a value of "+quote(k.name), hint)
}

// canonical returns the word that flows have for a value of a closed set, or value
// itself for an open one.
func (k key) canonical(value string) string {
	for _, c := range k.words {
		for _, w := range append([]string{c.word}, c.also...) {
			if strings.EqualFold(w, value) {
				return c.word
			}
		}
	}
	return value
}

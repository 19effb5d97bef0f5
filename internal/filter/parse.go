package filter

import (
	"strings"
	"time"

	"detour/internal/flow"
)

// A parser reads an expression from left to right:
//
//	either  = both { "or" both }
//	both    = one { ["and"] one }
//	one     = ("not" | "-" | "!") one | "(" either ")" | word
type parser struct {
	text   string
	keys   map[string]key
	at     token
	depth  int
	moves  bool
	lists  bool
	judged bool
	terms  []Term
	holds  []condition
	loose  bool // the expression has an or, or a not: not every condition has to hold
}

func (p *parser) parse() (test, error) {
	p.step(0)
	if p.at.kind == tokenEnd {
		return nil, nil //nolint:nilnil // an empty expression
	}
	t, err := p.either()
	if err == nil && p.at.kind == tokenClose {
		err = p.wrong(p.at, "there is no opening parenthesis for this one", "")
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

func (p *parser) step(from int) { p.at = next(p.text, from) }

func (p *parser) word() string { return p.text[p.at.from:p.at.to] }

// is reports whether the next token is one of these operators.
func (p *parser) is(words ...string) bool {
	if p.at.kind != tokenWord {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(p.word(), w) {
			return true
		}
	}
	return false
}

func (p *parser) either() (test, error) {
	t, err := p.both()
	for err == nil && p.is("or", "||") {
		p.loose = true
		p.step(p.at.to)
		var u test
		if u, err = p.both(); err == nil {
			t = or(t, u)
		}
	}
	return t, err
}

func (p *parser) both() (test, error) {
	t, err := p.one()
	for err == nil && p.at.kind != tokenEnd && p.at.kind != tokenClose && !p.is("or", "||") {
		if p.is("and", "&&") {
			p.step(p.at.to)
		}
		var u test
		if u, err = p.one(); err == nil {
			t = and(t, u)
		}
	}
	return t, err
}

func (p *parser) one() (test, error) {
	p.depth++
	defer func() { p.depth-- }()
	at := p.at
	if p.depth > maxDepth {
		return nil, p.wrong(at, "the expression is nested too deeply", "")
	}
	switch {
	case at.kind == tokenEnd:
		return nil, p.wrong(at, "a condition is missing here", "")
	case at.kind == tokenClose:
		return nil, p.wrong(at, "a condition is missing before this parenthesis", "")
	case at.kind == tokenMinus || p.is("not"):
		p.loose = true
		p.step(at.to)
		t, err := p.one()
		return not(t), err
	case at.kind == tokenOpen:
		p.step(at.to)
		t, err := p.either()
		if err == nil && p.at.kind != tokenClose {
			err = p.wrong(at, "this parenthesis is never closed", "")
		}
		p.step(p.at.to)
		return t, err
	case p.is("and", "or", "&&", "||"):
		return nil, p.wrong(at, "a condition is missing before "+quote(p.word()), "to search for the word, put it in quotes")
	}
	t, err := p.condition(at)
	p.step(at.to)
	return t, err
}

// condition compiles a word: a key with an operator and a value, or a text to search for.
func (p *parser) condition(at token) (test, error) {
	word := p.text[at.from:at.to]
	name, op, n := splitKey(word)
	if n == 0 || strings.HasPrefix(word[n:], "//") && op == ":" { // https://… is text
		s, _, ok := unquote(word)
		if !ok {
			return nil, p.wrong(at, "the quotes aren't closed, or text follows them directly", "")
		}
		p.judged = true
		p.holds = append(p.holds, condition{op: ":", value: strings.ToLower(s), part: true})
		return mention(s), nil
	}
	k, known := p.keys[strings.ToLower(name)]
	if !known {
		return nil, &Error{
			Text: p.text, From: at.from, To: at.from + len(name), Msg: "there is no key " + quote(name),
			Hint: unknownKey(strings.ToLower(name), p.keys),
		}
	}
	value := token{tokenWord, at.from + n, at.to}
	if !k.takes(op) {
		return nil, &Error{
			Text: p.text, From: at.from + len(name), To: at.from + n, Msg: quote(k.name) + " can't be compared with " + quote(op),
			Hint: "operators of this key: " + strings.Join(k.operators(), " "),
		}
	}
	s, was, ok := unquote(word[n:])
	switch {
	case !ok:
		return nil, p.wrong(value, "the quotes aren't closed, or text follows them directly", "")
	case s == "" && !was:
		return nil, p.wrong(token{tokenEnd, at.to, at.to}, "a value is missing after "+quote(word), k.expects())
	}
	t, err := k.compile(op, s, was)
	if err != nil {
		return nil, p.wrong(value, err.Error(), hintOf(err))
	}
	p.moves, p.lists = p.moves || k.moves, p.lists || k.lists
	p.judged = p.judged || k.judged
	p.terms = append(p.terms, Term{k.name, op, k.canonical(s)})
	p.holds = append(p.holds, k.partOf(op, s, was))
	if strings.HasPrefix(op, "!") {
		t = not(t)
	}
	return t, nil
}

func (p *parser) wrong(at token, msg, hint string) error {
	return &Error{Text: p.text, From: at.from, To: at.to, Msg: msg, Hint: hint}
}

func quote(s string) string { return "“" + flow.Printable(s) + "”" }

func or(a, b test) test {
	return func(f *flow.Flow, now time.Time) bool { return a(f, now) || b(f, now) }
}

func and(a, b test) test {
	return func(f *flow.Flow, now time.Time) bool { return a(f, now) && b(f, now) }
}

func not(a test) test {
	return func(f *flow.Flow, now time.Time) bool { return !a(f, now) }
}

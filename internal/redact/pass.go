package redact

import "detour/internal/flow"

// A pass redacts one flow, or one text.
type pass struct {
	*Redactor
	members map[string]bool    // of the decoded call, that its models call sensitive; squeezed
	known   map[string]meaning // names that came before in a body; nil: none is remembered
	tally   tally
	few     [4]kindCount // room for tally
	terse   bool         // pseudonyms would be too long: marks stand for all values
}

// pass begins one, over what has these sensitive members.
func (r *Redactor) pass(members map[string]bool) *pass {
	p := &pass{Redactor: r, members: members}
	p.tally = p.few[:0]
	return p
}

// pseudonym stands for the value v of a kind. What is one already, and nothing at
// all, stays.
func (p *pass) pseudonym(kind, v string) string {
	if v == "" || isPseudonym(v) {
		return v
	}
	if p.terse {
		return mark // the pass before has counted it
	}
	*p.tally.of(kind)++
	return p.digests.append(prefix+kind+":", v)
}

// bounded does what do does. If that makes more than three times as much of s,
// as of thousands of empty cookies, it uses marks, which are never longer.
func (p *pass) bounded(s string, do func(*pass, string) string) string {
	out := do(p, s)
	if len(out) <= limit(len(s)) || p.terse {
		return out
	}
	p.terse = true
	out = do(p, s)
	p.terse = false
	if len(out) > limit(len(s)) {
		return mark
	}
	return out
}

// limit is how long n bytes may become.
func limit(n int) int { return 3*n + 64 }

// settled redacts s until that changes nothing more. What is foreign may be made
// so that taking out one thing makes another appear; ok is false if it never ends.
func (p *pass) settled(s string, do func(*pass, string) string) (out string, ok bool) {
	out = s
	for range 5 {
		next := p.bounded(out, do)
		if next == out {
			return out, len(out) <= 3*len(s)+100
		}
		out = next
	}
	return "", false
}

// message redacts words that may quote anything.
func (p *pass) message(s string) string {
	if s == "" {
		return ""
	}
	out, ok := p.settled(s, func(p *pass, s string) string { return p.value(s, nestedBody) })
	if !ok {
		return p.pseudonym("text", s)
	}
	return out
}

// sensitive are the sensitive members of a call, and of those that it can't be
// told from.
func (r *Redactor) sensitive(a *flow.AWS) map[string]bool {
	if a == nil {
		return nil
	}
	one := r.members[a.Service]
	if len(a.Also) == 0 && len(a.Batch) == 0 {
		return one
	}
	all := map[string]bool{}
	for _, s := range services(a) {
		for m := range r.members[s] {
			all[m] = true
		}
	}
	return all
}

package redact

import "detour/internal/flow"

// A pass redacts one flow, or one text.
type pass struct {
	*Redactor
	members map[string]bool    // that the call's API model marks as sensitive; squeezed
	known   map[string]meaning // names of a body; nil: not remembered
	tally   tally
	few     [4]kindCount // space for tally
	terse   bool         // use marks, because pseudonyms would be too long
}

// pass returns a pass over a call with these sensitive members.
func (r *Redactor) pass(members map[string]bool) *pass {
	p := &pass{Redactor: r, members: members}
	p.tally = p.few[:0]
	return p
}

// pseudonym returns the pseudonym for v. It doesn't change an empty value or a pseudonym.
func (p *pass) pseudonym(kind, v string) string {
	if v == "" || isPseudonym(v) {
		return v
	}
	if p.terse {
		return mark // counted by the pass before
	}
	*p.tally.of(kind)++
	return p.digests.append(prefix+kind+":", v)
}

// bounded calls do. If the result is more than three times as long as s, as with thousands of
// short cookies, it uses marks, which are never longer than the value.
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

// limit returns the maximum length of n bytes after redaction.
func limit(n int) int { return 3*n + 64 }

// settled redacts s until the result doesn't change: input may be made so that redaction of
// one part makes a new one appear. ok is false if that doesn't end.
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

// message redacts text that may quote anything.
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

// sensitive returns the sensitive members of all calls that a may be.
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

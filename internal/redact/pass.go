package redact

import (
	"maps"

	"detour/internal/flow"
)

// A pass redacts one flow, or one text.
type pass struct {
	*Redactor
	members map[string]bool    // that the call's API model marks as sensitive; squeezed
	service string             // whose members these are; "" if there are none
	mixed   bool               // they are of several services, so nothing is remembered
	known   map[string]meaning // names of a body; nil: not remembered
	tally   tally
	few     [4]kindCount // space for tally
	terse   bool         // use marks, because pseudonyms would be too long
}

// pass returns a pass over what isn't of a call.
func (r *Redactor) pass() *pass {
	p, ok := r.passes.Get().(*pass)
	if !ok {
		p = new(pass)
	}
	*p = pass{Redactor: r}
	p.tally = p.few[:0]
	return p
}

// callPass returns a pass over a flow with the call a, and over the sensitive members of all
// services that it may be for.
func (r *Redactor) callPass(a *flow.AWS) *pass {
	p := r.pass()
	if a == nil {
		return p
	}
	if len(a.Also) == 0 && len(a.Batch) == 0 {
		use(p, a.Service)
		return p
	}
	for _, s := range services(a) {
		use(p, s)
	}
	return p
}

// use adds the sensitive members of a service to those of p.
func use(p *pass, service string) {
	switch more := p.Redactor.members[service]; {
	case more == nil || service == p.service:
	case p.members == nil:
		p.members, p.service = more, service
	case p.mixed:
		maps.Copy(p.members, more)
	default:
		p.members, p.mixed = maps.Clone(p.members), true
		maps.Copy(p.members, more)
	}
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
	if p.opt.Fleet {
		return parameters.ReplaceAllStringFunc(out, withoutValues)
	}
	return out
}

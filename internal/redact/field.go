package redact

import (
	"strings"

	"detour/internal/flow"
)

// A serviceField is a header field in calls of a service with sensitive members; of the others if
// service is "".
type serviceField struct {
	flow.Header
	service string
}

// A judgedField is what a field is after redaction.
type judgedField struct {
	flow.Header
	replaced int // values that have a pseudonym now, as those of an unknown name
}

// unknownKind is the kind of a field's value that isn't known to be a secret, nor to be none.
const unknownKind = "header"

// rememberedField redacts a header field. It remembers fields that it doesn't change, and those that it
// replaces because their names aren't known: most fields are in every request of a browser, or in
// every response of a server. The values of known secrets aren't kept.
func rememberedField(p *pass, h flow.Header) flow.Header {
	key := serviceField{h, p.service}
	if !p.mixed {
		if known, ok := p.judgedFields.get(key); ok {
			if known.replaced > 0 {
				*p.tally.of(unknownKind) += known.replaced
			}
			return known.Header
		}
	}
	all, unknown := p.tally.sum()
	to := flow.Header{Name: p.foreign(h.Name), Value: p.field(strings.ToLower(h.Name), h.Value)}
	allNow, unknownNow := p.tally.sum()
	replaced := unknownNow - unknown
	if p.mixed || allNow-all != replaced || replaced == 0 && to != h || p.opt.Strict && to != h || len(h.Name)+len(h.Value) > maxHarmlessText {
		return to
	}
	key.Header = flow.Header{Name: strings.Clone(h.Name), Value: strings.Clone(h.Value)}
	if to == h {
		to = key.Header
	}
	p.judgedFields.put(key, judgedField{to, replaced})
	return to
}

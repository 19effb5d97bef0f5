package redact

import (
	"slices"

	"detour/internal/flow"
)

// Check returns a redacted copy of a check, which shares nothing with it that can hold a secret.
func (r *Redactor) Check(c *flow.Check) *flow.Check {
	if r.opt.KeepSecrets {
		return c
	}
	out := *c
	p := r.pass()
	v := p.writer()
	learn(p, func(v visitor) { v.check(c) })
	out.Codes = slices.DeleteFunc(slices.Clone(c.Codes), func(s string) bool { return !flow.IsWord(s) })
	out.Hosts = slices.Clone(c.Hosts)
	for i := range out.Hosts {
		h := &out.Hosts[i]
		v.text(&h.Authority)
		h.DNS, h.Addresses = slices.Clone(h.DNS), slices.Clone(h.Addresses)
		for j := range h.DNS {
			d := &h.DNS[j]
			d.Addrs = slices.Clone(d.Addrs)
			v.addresses(d.Addrs)
			v.text(&d.Err)
		}
		for j := range h.Addresses {
			v.later(&h.Addresses[j].Last)
		}
	}
	r.counts.addAll(p.tally)
	return &out
}

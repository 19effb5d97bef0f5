package main

import (
	"crypto/rand"
	"maps"

	"detour/internal/flow"
	"detour/internal/redact"
)

// newRedactor returns what takes secrets out of one capture. Its key is in memory
// alone: nobody, we included, can tell later what a pseudonym stands for.
func newRedactor(opt redact.Options) *redact.Redactor {
	opt.Key = make([]byte, 32)
	_, _ = rand.Read(opt.Key) // it never fails
	return redact.New(opt)
}

// tighten redacts a capture that was recorded with less privacy. Findings have to be
// found anew.
func tighten(c *flow.Capture) {
	r := newRedactor(redact.Options{Strict: true})
	for i, f := range c.Flows {
		x := *f
		r.Flow(&x)
		c.Flows[i] = &x
	}
	c.Environment = nil // it is the addresses and names of a machine
	reword(c, r.Text)
	c.File, c.Strict, c.RawSecrets = "", true, false
	c.Redacted = maps.Clone(c.Redacted)
	for kind, n := range r.Counts() {
		if c.Redacted == nil {
			c.Redacted = make(map[string]int)
		}
		c.Redacted[kind] += n
	}
}

// reword redacts what people and machines said in a capture beside its flows.
func reword(c *flow.Capture, text func(string) string) {
	c.File, c.Creator = text(c.File), text(c.Creator)
	for i := range c.Steps {
		c.Steps[i].Text = text(c.Steps[i].Text)
	}
	if c.Environment != nil {
		rewordMachine(c.Environment, text)
	}
}

// rewordMachine redacts all that may quote anything.
func rewordMachine(e *flow.Environment, text func(string) string) {
	for _, s := range []*string{&e.System, &e.Kernel, &e.Browser} {
		*s = text(*s)
	}
	for _, list := range [][]string{e.Nameservers, e.Search, e.Routes, e.Flags} {
		for i := range list {
			list[i] = text(list[i])
		}
	}
	for _, in := range e.Interfaces {
		for i := range in.Addresses {
			in.Addresses[i] = text(in.Addresses[i])
		}
	}
	for name, v := range e.Proxies {
		e.Proxies[name] = text(v)
	}
}

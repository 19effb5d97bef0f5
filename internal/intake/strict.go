package intake

import (
	"maps"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/redact"
)

// Tighten redacts a capture strictly. It replaces the flows and writes to the steps and checks,
// which the caller must not share. The caller has to judge the flows again, with what is returned: it
// puts the names that what is redacted has in names into texts; and with what redacts further
// texts about the flows as they were.
func Tighten(c *flow.Capture, names *alias.Table) (alias.Texts, func(string) string) {
	before := names.Texts(nil)
	originals := make(map[string]string)
	r := redact.New(redact.Options{Key: newKey(), Strict: true, StandIn: func(standIn, original string) {
		if len(originals) < maxOriginals {
			originals[standIn] = original
		}
	}})
	for i, f := range c.Flows {
		before.Learn(f)
		x := *f
		r.Flow(&x)
		c.Flows[i] = &x
	}
	texts := names.Texts(originals)
	if c.Simulated() {
		c.Environment = &flow.Environment{Simulated: true}
	} else {
		c.Environment = nil // it identifies the machine
	}
	redactAbout(c, r, true)
	c.File, c.Strict, c.RawSecrets, c.Names = "", true, false, texts
	c.Redacted = maps.Clone(c.Redacted)
	for kind, n := range r.Counts() {
		if c.Redacted == nil {
			c.Redacted = make(map[string]int)
		}
		c.Redacted[kind] += n
	}
	return texts, r.Text
}

// maxOriginals limits how many stand-ins have the name of what they stand for.
const maxOriginals = 1 << 16

// redactAbout redacts everything of a capture except its flows, its findings and the file's
// name.
func redactAbout(c *flow.Capture, r *redact.Redactor, strict bool) {
	text := r.Text
	if c.Creator != linesCreator {
		c.Creator = program(text(c.Creator), strict)
	}
	for i := range c.Steps {
		c.Steps[i].Text = text(c.Steps[i].Text)
	}
	for i := range c.Checks {
		c.Checks[i] = r.Check(c.Checks[i])
	}
	if a := c.Account; a != nil {
		for _, list := range [][]string{a.Accounts, a.Regions, a.Problems, a.Contradictions} {
			for i := range list {
				list[i] = text(list[i])
			}
		}
		for i, p := range a.Parts {
			a.Parts[i] = flow.AccountPart{Name: text(p.Name), Data: []byte(text(string(p.Data)))}
		}
	}
	maps.DeleteFunc(c.Redacted, func(kind string, _ int) bool { return !flow.IsWord(kind) })
	if c.Environment != nil {
		RedactEnvironment(c.Environment, text, r.Own)
	}
}

// RedactEnvironment redacts every text of e, which it writes to.
func RedactEnvironment(e *flow.Environment, text, own func(string) string) {
	for _, s := range []*string{&e.Detour, &e.OS, &e.Arch, &e.System, &e.Kernel, &e.Browser} {
		*s = text(*s)
	}
	for _, list := range [][]string{e.Nameservers, e.Search, e.DNSTools, e.Routes, e.Flags} {
		for i := range list {
			list[i] = text(list[i])
		}
	}
	for at, in := range e.Interfaces {
		e.Interfaces[at].Name = text(in.Name)
		for i := range in.Addresses {
			in.Addresses[i] = own(in.Addresses[i])
		}
	}
	proxies := make(map[string]string, len(e.Proxies))
	for name, v := range e.Proxies {
		proxies[text(name)] = text(v)
	}
	if e.Proxies != nil {
		e.Proxies = proxies
	}
}

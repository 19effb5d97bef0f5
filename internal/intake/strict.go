package intake

import (
	"maps"

	"detour/internal/flow"
	"detour/internal/redact"
)

// Tighten redacts a capture strictly that was recorded with less privacy. Its flows
// are replaced, its steps and findings aren't copied: findings have to be found
// anew, and a caller that shares the steps clones them.
func Tighten(c *flow.Capture) {
	r := redact.New(redact.Options{Key: newKey(), Strict: true})
	for i, f := range c.Flows {
		x := *f
		r.Flow(&x)
		c.Flows[i] = &x
	}
	c.Environment = nil // it is the addresses and names of a machine
	redactAbout(c, r.Text)
	c.File, c.Strict, c.RawSecrets = "", true, false
	c.Redacted = maps.Clone(c.Redacted)
	for kind, n := range r.Counts() {
		if c.Redacted == nil {
			c.Redacted = make(map[string]int)
		}
		c.Redacted[kind] += n
	}
}

// redactAbout redacts what a capture says beside its flows and its findings. The name
// of the file is the reader's own.
func redactAbout(c *flow.Capture, text func(string) string) {
	c.Creator = text(c.Creator)
	for i := range c.Steps {
		c.Steps[i].Text = text(c.Steps[i].Text)
	}
	maps.DeleteFunc(c.Redacted, func(kind string, _ int) bool { return !flow.IsWord(kind) })
	if c.Environment != nil {
		RedactEnvironment(c.Environment, text)
	}
}

// RedactEnvironment redacts everything in e that may quote anything. e is written to.
func RedactEnvironment(e *flow.Environment, text func(string) string) {
	for _, s := range []*string{&e.Detour, &e.OS, &e.Arch, &e.System, &e.Kernel, &e.Browser} {
		*s = text(*s)
	}
	for _, list := range [][]string{e.Nameservers, e.Search, e.Routes, e.Flags} {
		for i := range list {
			list[i] = text(list[i])
		}
	}
	for at, in := range e.Interfaces {
		e.Interfaces[at].Name = text(in.Name)
		for i := range in.Addresses {
			in.Addresses[i] = text(in.Addresses[i])
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

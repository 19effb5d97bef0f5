package intake

import (
	"maps"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/redact"
)

// A Strict redacts strictly what leaves a run: for an export, for those who watch. What it
// replaces has the same stand-in each time, whoever gets it. Its methods may be called
// concurrently.
type Strict struct {
	redacts  *redact.Redactor
	standIns alias.StandIns
	before   alias.Texts // knows what isn't redacted
	texts    alias.Texts
}

// NewStrict returns the Strict of a run, whose names for what is masked are names. The key of its
// pseudonyms is random and isn't stored.
func NewStrict(names *alias.Table) *Strict {
	s := &Strict{before: names.Texts(nil)}
	s.texts = names.Texts(&s.standIns)
	s.redacts = redact.New(redact.Options{Key: newKey(), Strict: true, StandIn: s.standIns.Add})
	return s
}

// NewFleet returns a Strict for a company's collector: as [NewStrict], except that the addresses of
// servers and nameservers stay in flows and texts, those of the machine become the first address of
// their /24 or /48, and a flow has neither bodies nor header fields, and '*' for the values in its
// URLs. A flow that was recorded under strict privacy has stand-ins already, which stay.
func NewFleet(names *alias.Table) *Strict {
	s := &Strict{before: names.Texts(nil)}
	s.texts = names.Texts(&s.standIns).KeepingServers()
	s.redacts = redact.New(redact.Options{Key: newKey(), Fleet: true, StandIn: s.standIns.Add})
	return s
}

// Flow returns a redacted copy of a flow, which the caller may write to. It doesn't write to
// what f points at.
func (s *Strict) Flow(f *flow.Flow) *flow.Flow {
	s.before.Learn(f)
	x := *f
	s.redacts.Flow(&x)
	return &x
}

// Text redacts text that may quote anything.
func (s *Strict) Text(text string) string { return s.redacts.Text(text) }

// Check returns a redacted copy of a check.
func (s *Strict) Check(c *flow.Check) *flow.Check { return s.redacts.Check(c) }

// Texts puts the run's names into texts in place of stand-ins.
func (s *Strict) Texts() alias.Texts { return s.texts }

// A Name is what a stand-in of a strict record is called on every screen of a run.
type Name struct{ StandIn, Name string }

// Names returns the names of all stand-ins except the first n, and the number of all. A stand-in
// that has no name isn't among them.
func (s *Strict) Names(n int) (names []Name, total int) {
	added := s.standIns.Since(n)
	for _, x := range added {
		if name := s.texts.Text(x); name != x {
			names = append(names, Name{x, name})
		}
	}
	return names, n + len(added)
}

// Capture redacts a capture. It replaces the flows and writes to the steps and checks, which the
// caller must not share. The caller has to judge the flows again.
func (s *Strict) Capture(c *flow.Capture) {
	for i, f := range c.Flows {
		c.Flows[i] = s.Flow(f)
	}
	s.about(c)
}

// about redacts a capture except its flows, which were redacted before: what was redacted is counted.
func (s *Strict) about(c *flow.Capture) {
	if c.Simulated() {
		c.Environment = &flow.Environment{Simulated: true}
	} else {
		c.Environment = nil // it identifies the machine
	}
	redactAbout(c, s.redacts, true)
	c.File, c.Strict, c.RawSecrets, c.Names = "", true, false, s.texts
	c.Redacted = maps.Clone(c.Redacted)
	for kind, n := range s.redacts.Counts() {
		if c.Redacted == nil {
			c.Redacted = make(map[string]int)
		}
		c.Redacted[kind] += n
	}
}

// Tighten redacts a capture strictly, with stand-ins of its own: see [Strict.Capture]. The caller
// has to judge the flows with what is returned: it puts the names that what is redacted has in
// names into texts; and with what redacts further texts about the flows as they were.
func Tighten(c *flow.Capture, names *alias.Table) (alias.Texts, func(string) string) {
	s := NewStrict(names)
	s.Capture(c)
	return s.Texts(), s.Text
}

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
	if p := e.UnusedProxy; p != nil {
		e.UnusedProxy = &flow.SystemProxy{Source: text(p.Source), Text: text(p.Text), Flag: text(p.Flag)}
	}
}

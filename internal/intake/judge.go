package intake

import (
	"net/netip"
	"slices"
	"time"

	"detour/internal/account"
	"detour/internal/alias"
	"detour/internal/diagnose"
	"detour/internal/diagnose/contradiction"
	"detour/internal/flow"
)

// An Account proves findings from the configuration of an AWS account. The zero value proves
// nothing.
type Account struct {
	Config *account.Config // nil: none
	// Files are what Config was read from, for a report that has the parts that decide; nil: none does.
	Files []account.File
	From  netip.Addr // the client's address, for flows that don't have it; invalid if it wasn't given
}

// Judge returns the findings of flows, the most important first. now is the time for flows in
// progress. Findings about strict records have names in place of stand-ins.
func Judge(flows []*flow.Flow, now time.Time, names alias.Texts) []flow.Finding {
	return Proving{}.Judge(flows, now, names)
}

// Judge is the function of that name, with proofs. The flows are those that are known, or what
// strict redaction made of them.
func (p Proving) Judge(flows []*flow.Flow, now time.Time, names alias.Texts) []flow.Finding {
	return Named(p.Findings(diagnose.RunOn(p.machine, flows, now)), flows, names)
}

// A Proving adds the proofs of an account to findings of flows that it knows.
type Proving struct {
	machine *flow.Environment // that recorded them; nil: it isn't known
	study   *account.Study
	config  *account.Config
	text    func(string) string // redacts the proofs
	files   []account.File      // that config was read from; nil unless a bundle gets them
}

// Proving joins the account with flows, which have their real addresses unless they were
// recorded under strict privacy. now is the time for flows in progress.
func (a Account) Proving(flows []*flow.Flow, now time.Time) Proving {
	return new(Prover).Proving(&a, flows, now)
}

// A Prover joins an account with a run's flows again and again, and keeps what it has found of those
// that haven't changed. The zero value is ready for use.
type Prover struct {
	by     *Account
	strict bool
	study  *account.Study
}

// Proving is the account's function of that name. An account is the same one by its pointer.
func (p *Prover) Proving(a *Account, flows []*flow.Flow, now time.Time) Proving {
	if a == nil || a.Config == nil {
		*p = Prover{}
		return Proving{}
	}
	strict := slices.ContainsFunc(flows, func(f *flow.Flow) bool { return f.Strict })
	if p.study != nil && p.by == a && p.strict == strict {
		p.study.Update(flows, now)
	} else {
		*p = Prover{a, strict, a.Config.Study(flows, now, account.Client{From: a.From, Strict: strict})}
	}
	return a.by(p.study)
}

// by is a Proving of the account.
func (a Account) by(s *account.Study) Proving {
	return Proving{study: s, config: a.Config, text: func(s string) string { return s }, files: a.Files}
}

// On returns a Proving whose findings have commands for the system of the machine that recorded the
// flows; nil if it isn't known.
func (p Proving) On(machine *flow.Environment) Proving {
	p.machine = machine
	return p
}

// Redacting returns a Proving whose proofs are redacted by text.
func (p Proving) Redacting(text func(string) string) Proving {
	p.text = text
	return p
}

// Findings returns findings with their proofs, and those that aren't consistent with the
// account's configuration.
func (p Proving) Findings(found []flow.Finding) []flow.Finding {
	if p.study == nil {
		return found
	}
	against := p.study.Contradictions()
	for i := range against {
		against[i].Text = p.text(against[i].Text)
	}
	return contradiction.Add(p.study.Apply(found, p.text), against)
}

// Report is what is said of the account beside the findings; nil if there is none.
func (p Proving) Report() *flow.AccountReport {
	if p.study == nil {
		return nil
	}
	r := &flow.AccountReport{
		Files: p.config.Files, Accounts: append([]string{}, p.config.Accounts...),
		Regions: append([]string{}, p.config.Regions...), Problems: append([]string{}, p.config.Problems...),
	}
	for _, c := range p.study.Contradictions() {
		r.Contradictions = append(r.Contradictions, p.text(c.Text))
	}
	for _, f := range account.Extract(p.files, p.study.Needed(), p.text) {
		r.Parts = append(r.Parts, flow.AccountPart{Name: f.Name, Data: f.Data})
	}
	if !p.config.Collected.IsZero() {
		r.Collected = &p.config.Collected
	}
	return r
}

// Named returns findings of flows with names in place of stand-ins, if they are about strict
// records. It may write to found.
func Named(found []flow.Finding, flows []*flow.Flow, names alias.Texts) []flow.Finding {
	if !slices.ContainsFunc(flows, func(f *flow.Flow) bool { return f.Strict }) {
		return found
	}
	for _, f := range flows {
		names.Learn(f)
	}
	for i := range found {
		found[i] = names.Finding(found[i])
	}
	return found
}

package intake

import (
	"slices"
	"time"

	"detour/internal/account"
	"detour/internal/flow"
)

// A provedStream joins an account with flows that come one by one. The zero value has no account.
type provedStream struct{ Proving }

// stream joins the account with flows of a capture that ended at an instant.
func (a Account) stream(last time.Time) provedStream {
	if a.Config == nil {
		return provedStream{}
	}
	return provedStream{a.by(a.Config.Study(nil, last, account.Client{From: a.From}))}
}

func (p provedStream) add(f *flow.Flow) {
	if p.study != nil {
		p.study.Add(f)
	}
}

// prove adds the account's proofs to the findings, whose flows it reads again: as they are without strict
// redaction.
func (s *Stream) prove() error {
	c, p := s.Capture, s.proved.Proving
	if s.strict != nil {
		p = p.Redacting(s.strict.Text)
	}
	var ids []flow.ID
	for _, f := range c.Findings {
		ids = append(ids, f.Flows...)
	}
	slices.Sort(ids)
	err := s.file.some(false, slices.Compact(ids), func(f *flow.Flow) error {
		p.study.Keep(f.CutOff(c.Last))
		return nil
	})
	if err != nil {
		return err
	}
	c.Findings, c.Account = p.Findings(c.Findings), p.Report()
	return nil
}

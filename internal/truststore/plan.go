package truststore

import (
	"context"
	"errors"
	"fmt"
)

// A Plan is what to do to one store; nothing if it has no steps.
type Plan struct {
	Store Store
	Root  Root
	Found Found // what it has now
	Steps []Step
	Err   error // why the store can't be read or changed; may be an *Error

	trust bool
}

// Trust returns for each store the plan to trust r there.
func Trust(ctx context.Context, run Runner, stores []Store, r Root) []Plan {
	return plans(ctx, run, stores, r, true)
}

// Untrust returns for each store the plan to remove r from it.
func Untrust(ctx context.Context, run Runner, stores []Store, r Root) []Plan {
	return plans(ctx, run, stores, r, false)
}

func plans(ctx context.Context, run Runner, stores []Store, r Root, trust bool) []Plan {
	out := make([]Plan, 0, len(stores))
	for _, s := range stores {
		p := Plan{Store: s, Root: r, trust: trust}
		p.Found, p.Err = s.Find(ctx, run, r)
		switch {
		case p.Err != nil:
		case trust && p.Found.Distrusted:
			p.Err = &Error{
				Err:  errors.New("it has the certificate among those that nobody may trust"),
				Hint: "remove it there first: Untrusted Certificates in certmgr.msc, or for all users in certlm.msc",
			}
		case trust && !p.Found.Trusted:
			p.Steps, p.Err = s.Add(r)
		case !trust && !p.Found.Nothing():
			p.Steps, p.Err = s.Remove(r, p.Found)
		}
		out = append(out, p)
	}
	return out
}

// Apply runs the steps, calling say before each, and checks that they have had their
// effect.
func (p Plan) Apply(ctx context.Context, run Runner, say func(Step)) error {
	if p.Err != nil || len(p.Steps) == 0 {
		return p.Err
	}
	for _, s := range p.Steps {
		say(s)
		if err := s.run(ctx, run); err != nil {
			return err
		}
	}
	after, err := p.Store.Find(ctx, run, p.Root)
	switch {
	case err != nil:
		return err
	case p.trust && !after.Trusted:
		return fmt.Errorf("every command succeeded, but the certificate isn't trusted by %s", p.Store.Name())
	case !p.trust && !after.Nothing():
		return fmt.Errorf("every command succeeded, but the certificate is still in %s", p.Store.Name())
	}
	return nil
}

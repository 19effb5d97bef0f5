package recorded

import (
	"detour/internal/intake"
	"detour/internal/share"
)

// Shared is what a Feed of the recording is made of, except what watchers see in its head, and the
// Renderer. strict redacts what leaves it, also by an export, and account proves the findings.
func (r *Recording) Shared(strict *intake.Strict, account func() intake.Account) share.Config {
	over := func() bool { return !r.Following() }
	judging := &intake.StrictJudging{Strict: strict, Machine: r.read.Environment, Account: account, Over: over}
	return share.Config{
		Source: r, Strict: strict, Judge: judging.Judge, Recorded: over, Now: r.Now, Kind: share.KindFile, Simulated: r.read.Simulated(),
	}
}

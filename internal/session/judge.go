package session

import (
	"context"
	"reflect"
	"sync/atomic"
	"time"

	"detour/internal/alias"
	"detour/internal/capture"
	"detour/internal/diagnose"
	"detour/internal/fault"
	"detour/internal/flow"
	"detour/internal/intake"
)

// judgeEvery is how often all flows are judged again while something changes. A
// pending connection changes every time: it gets older.
const judgeEvery = 500 * time.Millisecond

// judgeAgain is when they are judged again after a panic, which is likely to come again. It leaves
// what was found before as it was.
const judgeAgain = 10 * time.Second

// judgingLost is what a panic of the judge means to the user.
const judgingLost = "the findings are not up to date: a problem may be missing"

// A Judging is what keeps a store's findings up to date. Its methods are used by one goroutine at a
// time.
type Judging struct {
	Intake  *intake.Intake // nil if the flows have their preflights already
	Store   *capture.Store
	Tracker *diagnose.Tracker
	Names   alias.Texts
	Account *atomic.Pointer[intake.Account] // what proves the findings
	Gone    *atomic.Pointer[[]*flow.Flow]   // gets the flows of findings that the store lacks; nil: nobody needs them
	Prover  *intake.Prover                  // what is known of the flows that were proven
	Faults  *fault.Guard                    // of Follow and conclude; nil: a panic ends the process
}

// judging returns what judges the session's flows.
func (s *Session) judging() Judging {
	return Judging{s.intake, s.store, &s.tracker, s.names.Texts(nil), &s.account, &s.gone, &s.prover, s.faults}
}

// Follow keeps the store's findings, and what is known of its preflights, up to date until ctx
// is done.
func (j Judging) Follow(ctx context.Context) {
	t := time.NewTicker(judgeEvery)
	defer t.Stop()
	var seen uint64
	var by *intake.Account
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		now := j.Account.Load()
		if j.Store.Version() == seen && now == by && j.Store.Stats().Pending == 0 && len(j.Store.Findings()) == 0 {
			continue
		}
		next := judgeEvery
		if !j.Faults.Do(judgingLost, j.judge) {
			next, *j.Prover = judgeAgain, intake.Prover{} // which may be half done
		}
		t.Reset(next)
		seen, by = j.Store.Version(), now
	}
}

func (j Judging) judge() {
	if j.Intake != nil {
		j.Store.SetPreflights(j.Intake.Preflights())
	}
	flows := j.Store.Flows()
	shown, found := j.Tracker.Judge(flows, time.Now())
	for code, p := range j.Tracker.Panics.Take() {
		j.Faults.Do("the rule "+code+" can't be evaluated", p.Raise)
	}
	j.set(flows, shown, found)
}

// conclude judges at the end, when nothing changes any more, and reports whether it could.
func (j Judging) conclude() bool {
	return j.Faults.Do(judgingLost, func() {
		flows := j.Store.Flows()
		shown, found := j.Tracker.Conclude(flows, time.Now())
		j.set(flows, shown, found)
	})
}

// set gives the store what was found.
func (j Judging) set(flows []*flow.Flow, shown, found []flow.Finding) {
	shown = j.Prover.Proving(j.Account.Load(), flows, time.Now()).Findings(shown)
	if j.Gone != nil {
		gone := j.Tracker.Gone()
		j.Gone.Store(&gone)
	}
	setFindings(j.Store, intake.Named(shown, flows, j.Names))
	j.Store.SetCodes(flows, diagnose.ByFlow(found))
}

// Account returns what proves the session's findings.
func (s *Session) Account() intake.Account {
	if a := s.account.Load(); a != nil {
		return *a
	}
	return intake.Account{}
}

// SetAccount proves the session's findings by another account's configuration.
func (s *Session) SetAccount(a intake.Account) { s.account.Store(&a) }

// setFindings gives the store findings that have changed. Setting the same ones again
// would redraw the table every time.
func setFindings(store *capture.Store, found []flow.Finding) {
	if !reflect.DeepEqual(found, store.Findings()) {
		store.SetFindings(found)
	}
}

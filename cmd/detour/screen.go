package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"detour/internal/capture"
	"detour/internal/flow"
	"detour/ui"
)

// show runs the live table until it is quit.
func (s *session) show(ctx context.Context) error {
	act := ui.Actions{Mark: s.mark, Note: s.store.Note, Step: s.step, PassUnread: s.passUnread}
	act.Suspend = suspend()
	act.Clear = s.store.Clear
	if s.file != nil {
		act.ClearKept = "the capture on disk keeps them: " + s.file.Path
	}
	s.again.actions(&act)
	s.evidence().actions(&act)
	comparison{s.evidence(), s.tables}.actions(&act)
	s.browseActions(&act)
	opt := s.opt.options(&act)
	opt.AWS = awsNames(s.tables)
	opt.Badge, opt.Facts, opt.Hint = s.badge, s.factsNow, s.hintNow
	return ui.Run(ctx, withHead{s.store, s.headNews}, act, opt)
}

// A withHead is the capture, and what the table's head says beside it: news of either
// are drawn.
type withHead struct {
	*capture.Store
	headNews *atomic.Uint64
}

// Version rises with both.
func (x withHead) Version() uint64 { return x.Store.Version() + x.headNews.Load() }

// factsNow is what the table's head says of the run, the most needed first: what
// doesn't fit is left out.
func (s *session) factsNow() []ui.Fact {
	facts := []ui.Fact{{Name: "proxy", Value: s.listen.Addr().String()}}
	add := func(name, value string) { facts = append(facts, ui.Fact{Name: name, Value: value}) }
	if s.opt.keepSecrets {
		add("SECRETS", "kept")
	}
	if s.recorder != nil {
		if why := s.recorder.Trouble(); why != "" {
			add("disk", why)
		}
	}
	facts = append(facts, s.windowFacts()...)
	if unread := s.passed.Hosts(); len(unread) > 0 {
		add("unread", strings.Join(unread, " "))
	}
	switch n := s.store.Stats().Evicted; {
	case n > 0 && s.file != nil:
		add("older", fmt.Sprintf("%d in the capture", n))
	case n > 0:
		add("dropped", fmt.Sprint(n))
	}
	if said := s.said.Load(); said != nil {
		add("note", *said)
	}
	return facts
}

// passUnread stops decrypting a host, or begins again.
func (s *session) passUnread(host string) (unread bool, err error) {
	if !s.decrypt.Decrypts(host) {
		return false, errors.New("it isn't decrypted (--decrypt)")
	}
	return s.passed.Toggle(host), nil
}

// mark sets or removes the user's mark of a flow.
func (s *session) mark(id flow.ID) error {
	return s.store.Mark(id)
}

// step begins a step.
func (s *session) step(x flow.Step) error {
	s.store.AddStep(x)
	return nil
}

package remote

import (
	"encoding/json"
	"errors"
	"slices"

	"detour/internal/flow"
	"detour/internal/share"
)

// errWords says that a value isn't of its closed set.
var errWords = errors.New("unknown values in a closed set")

// apply takes an event, as [mirror.take] does. One that can't be read is counted.
func (m *mirror) apply(e share.Event) (end string) {
	end, err := m.take(e)
	if err != nil {
		m.change(func() { m.unread++ })
	}
	return end
}

// take takes what an event says. end is why it is the last one; "": it isn't. What this version
// doesn't know is ignored.
func (m *mirror) take(e share.Event) (end string, err error) {
	defer m.change(func() { m.last = max(m.last, e.Number) })
	switch e.Name { //nolint:exhaustive // rows and what they need are for the page
	case share.EventFlow:
		var f *flow.Flow
		if f, err = m.received.Flow(e.Data); err == nil {
			m.change(func() { m.put(held{f, len(e.Data)}) })
		}
	case share.EventState:
		err = read(e, func(x share.State) error { return m.takeState(x) })
	case share.EventNames:
		err = read(e, func(x share.Names) error {
			for standIn, name := range x.Names {
				m.names.Adopt(standIn, name)
			}
			return nil
		})
	case share.EventGone:
		err = read(e, func(x share.Gone) error { m.change(func() { m.remove(x.IDs) }); return nil })
	case share.EventFindings:
		err = read(e, m.takeFindings)
	case share.EventSteps:
		err = read(e, func(x share.Steps) error { return m.takeSteps(x.Steps) })
	case share.EventChecks:
		err = read(e, m.takeChecks)
	case share.EventCursor:
		err = read(e, func(x share.Cursor) error { m.change(func() { m.cursor = x.ID }); return nil })
	case share.EventGap:
		err = read(e, func(x share.Gap) error { m.change(func() { m.takeGap(x.Lost) }); return nil })
	case share.EventEnd:
		end = "the run ended"
		err = read(e, func(x share.End) error {
			if said := m.text(x.Why); said != "" {
				end = said
			}
			return nil
		})
	}
	return end, err
}

// read decodes an event's data.
func read[T any](e share.Event, use func(T) error) error {
	var x T
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return err
	}
	return use(x)
}

// maxText limits a text of the host for the head of the table, in characters.
const maxText = 200

// text prepares a text of the host for one line.
func (m *mirror) text(s string) string {
	s = m.received.Text(clip(s, 8*maxText))
	return flow.Printable(clip(s, maxText))
}

// maxFacts limits the facts of the host in the head.
const maxFacts = 16

// takeState takes the state of what is shared.
func (m *mirror) takeState(x share.State) error {
	x.Facts = x.Facts[:min(len(x.Facts), maxFacts)]
	for i, f := range x.Facts {
		x.Facts[i] = share.Fact{Name: m.text(f.Name), Value: m.text(f.Value)}
	}
	x.Badge, x.Ended = m.text(x.Badge), m.text(x.Ended)
	m.change(func() { m.state = x; m.clock(x.Now, x.Recorded) })
	return nil
}

// takeGap takes how many events were left out; 0: what they were about has come since.
func (m *mirror) takeGap(lost int) {
	if m.lost += max(0, min(lost, 1<<30)); lost == 0 {
		m.lost = 0
	}
}

// takeFindings takes all findings. Their texts are escaped where they are shown.
func (m *mirror) takeFindings(x share.Findings) error {
	all := make([]flow.Finding, 0, len(x.Findings))
	for i := range x.Findings {
		r := &x.Findings[i]
		if !r.Valid() {
			return errWords
		}
		slices.Sort(r.Flows) // the table looks for flows in them
		f := r.Finding()
		f.ResolvedAt = r.Finding().ResolvedAt
		for standIn, name := range f.Names {
			m.names.Adopt(standIn, name)
		}
		all = append(all, f)
	}
	m.change(func() { m.findings = all })
	return nil
}

// takeSteps takes all steps.
func (m *mirror) takeSteps(all []flow.Step) error {
	all = all[max(0, len(all)-maxSteps):]
	for i := range all {
		all[i].Text = m.text(all[i].Text)
	}
	slices.SortStableFunc(all, func(a, b flow.Step) int { return a.At.Compare(b.At) })
	m.change(func() { m.steps = all })
	return nil
}

// takeChecks takes all checks.
func (m *mirror) takeChecks(x share.Checks) error {
	all := make([]*flow.Check, 0, len(x.Checks))
	for i := range x.Checks {
		if !x.Checks[i].Valid() {
			return errWords
		}
		c := x.Checks[i].Check()
		all = append(all, &c)
	}
	m.change(func() { m.checks = all })
	return nil
}

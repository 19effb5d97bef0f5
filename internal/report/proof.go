package report

import (
	"fmt"
	"slices"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// proof is what was found when hosts were tested again and, of problems that are gone, what
// was before and after. It has no blocks if nothing was tested or resolved.
func (s survey) proof() Chapter {
	p := Chapter{ID: "proof", Title: "Tested again"}
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Resolved && len(p.Blocks) < maxFindings {
			p.Title = "Before and after"
			b := s.beforeAndAfter(f)
			if f == s.main() {
				b.Title = "" // it is at the top
			}
			p.Blocks = append(p.Blocks, b)
		}
	}
	var b Block
	checks := slices.Clone(s.Checks)
	slices.SortStableFunc(checks, func(a, b *flow.Check) int { return a.Began.Compare(b.Began) })
	for _, c := range checks[max(0, len(checks)-maxLines):] {
		b.Lines = append(b.Lines, s.check(c))
	}
	if len(b.Lines) > 0 {
		if len(p.Blocks) > 0 {
			b.Title = "Tested again"
		}
		p.Blocks = append(p.Blocks, b)
	}
	return p
}

func (s survey) beforeAndAfter(f *flow.Finding) Block {
	b := Block{Title: wording.Clip(f.Title, MaxLine)}
	failed := s.of(f)
	if len(failed) > 0 {
		b.Lines = append(b.Lines,
			fmt.Sprintf("before: %s affected %s: %s", wording.Count(len(failed), "request"), s.span(failed), outcomes(failed)))
	}
	b.Lines = append(b.Lines, s.since(f))
	after := s.recovered[f]
	first := after.first
	if first == nil {
		return b
	}
	b.Lines = append(b.Lines, fmt.Sprintf("after: %s to the same %s succeeded, the first one at %s: #%d %s, %s",
		wording.Count(after.n, "request"), wording.Plural(len(f.Hosts), "host"),
		s.clock(ended(first)), first.ID, callOf(first), answerOf(first)))
	return b
}

// outcomes counts how flows ended.
func outcomes(flows []*flow.Flow) string {
	var order []string
	n := make(map[string]int)
	for _, f := range flows {
		o := answerOf(f)
		if n[o] == 0 {
			order = append(order, o)
		}
		n[o]++
	}
	for i, o := range order {
		order[i] = fmt.Sprintf("%s (%d×)", o, n[o])
	}
	return wording.Some(order, maxList)
}

// ended is when a flow ended; when it began, if its end isn't known.
func ended(f *flow.Flow) time.Time {
	if f.Times.Done.IsZero() {
		return f.Times.Start
	}
	return f.Times.Done
}

// since is since when a finding is resolved, and how that is known.
func (s survey) since(f *flow.Finding) string {
	var last *flow.Check
	for _, c := range s.Checks {
		works := c.Outcome == flow.CheckWorks && !c.Since().IsZero() && slices.Contains(c.Codes, f.Code)
		if works && (last == nil || !c.Ended.Before(last.Ended)) {
			last = c
		}
	}
	if last != nil {
		return fmt.Sprintf("every address has responded since %s (%s)", s.instant(last.Since()), tests(last))
	}
	if !f.ResolvedAt.IsZero() {
		return "what failed has responded since " + s.instant(f.ResolvedAt)
	}
	return "it is resolved; the evidence says how that is known"
}

func (s survey) instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// check is what a test of hosts found.
func (s survey) check(c *flow.Check) string {
	text := "tested once at " + s.clock(c.Began)
	if c.Kind == flow.CheckWatch {
		text = "watched from " + s.clock(c.Began)
		if !c.Ended.IsZero() {
			text += " to " + s.clock(c.Ended)
		}
	}
	text += " (" + tests(c) + "): " + result(c.Count())
	if at := c.Since(); !at.IsZero() {
		text += " since " + s.clock(at)
	}
	switch n := c.Flaps(); {
	case n > 0:
		text += ", after they had failed again " + times(n)
	case c.Outcome == flow.CheckDeadline:
		text += " at the deadline"
	case c.Outcome == flow.CheckStopped:
		text += " when it was stopped"
	}
	hosts := make([]string, 0, len(c.Hosts))
	for i := range c.Hosts {
		answer, all := c.Hosts[i].Count()
		hosts = append(hosts, fmt.Sprintf("%s %d of %d", c.Hosts[i].Authority, answer, all))
	}
	return text + "; " + wording.Some(hosts, maxList)
}

// tests counts the connects of a check.
func tests(c *flow.Check) string { return wording.Count(c.Tries(), "connect") }

func result(answer, all int) string {
	switch {
	case all == 0:
		return "no address to connect to"
	case answer == 0 && all > 0:
		return fmt.Sprintf("still 0 of %d addresses answer", all)
	}
	return fmt.Sprintf("%d of %d addresses answer", answer, all)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

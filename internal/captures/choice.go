package captures

import (
	"slices"
	"time"

	"detour/internal/wording"
)

// Offered returns the captures that can be shown: those of running sessions first, then the
// newest.
func Offered(all []*Capture) (out []*Capture) {
	for _, c := range all {
		if c.State != Foreign && c.State != Unreadable {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b *Capture) int { return rank(a) - rank(b) })
	return out
}

func rank(c *Capture) int {
	if c.State == Live {
		return 0
	}
	return 1
}

// ChoiceHeads are the heads of [Capture.Choice].
func ChoiceHeads() []string {
	return []string{"BEGAN", "LASTED", "SIZE", "REQUESTS", "STATE", "FINDINGS"}
}

// Choice are the cells of a capture in a list to choose from. masked leaves out texts that may
// name hosts.
func (c *Capture) Choice(now time.Time, masked bool) []string {
	when := Clock(c.When())
	if today := now.Local().Format(time.DateOnly); when[:len(today)] == today {
		when = "today " + when[len(today)+1:]
	}
	remarks := c.Remarks()
	if masked {
		remarks = wording.Count(len(c.Problems), "problem")
	}
	return []string{when, c.duration(), wording.Bytes(c.Size), c.flows(), string(c.State), remarks}
}

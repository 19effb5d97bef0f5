package remote

import (
	"slices"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/share"
)

// Capture has what is known of the run. The slices must not be written to.
func (w *Watch) Capture() flow.Capture {
	c := flow.Capture{
		Creator: "detour", Strict: true, Names: w.names.Texts(nil),
		Flows: w.Flows(), Findings: w.Findings(), Steps: w.Steps(), Checks: w.Checks(),
	}
	if w.About().Kind == share.KindDemo {
		c.Environment = &flow.Environment{Simulated: true}
	}
	return c
}

// Export returns a capture of these flows as far as they are here, with the host's findings about
// them. ids are increasing. Flows in progress end now.
func (w *Watch) Export(ids []flow.ID) *flow.Capture {
	c, now := w.Capture(), w.Now()
	all := len(c.Flows)
	c.Flows = slices.DeleteFunc(c.Flows, func(f *flow.Flow) bool {
		_, chosen := slices.BinarySearch(ids, f.ID)
		return !chosen
	})
	if len(c.Flows) < all {
		c.Findings = finding.About(c.Findings, c.Flows)
	}
	for i, f := range c.Flows {
		c.Flows[i] = f.CutOff(now)
	}
	return &c
}

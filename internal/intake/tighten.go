package intake

import (
	"detour/internal/alias"
	"detour/internal/capture/disk"
	"detour/internal/diagnose"
	"detour/internal/flow"
)

// tighten redacts the capture strictly, and judges the flows as they are then. The key stays the same, so
// each reading has the same stand-ins.
func (s *Stream) tighten() error {
	c, machine, names := s.Capture, s.Capture.Environment, s.from.Names
	if names == nil {
		names = new(alias.Table)
	}
	s.strict = NewStrict(names)
	judging := diagnose.NewStream(c.Last)
	_, err := s.file.Flows(s.ctx, disk.Query{Bodies: s.from.Whole}, func(f *flow.Flow) error {
		if !s.has(f.ID) && !s.from.Keep.ListsFindings() { // Read doesn't count what those have redacted
			f.DropBodies()
			f.DropHeaders()
		}
		s.again.redacts.Flow(f)
		f = s.strict.Flow(f).CutOff(c.Last)
		s.strict.texts.Learn(f)
		f.DropBodies()
		f.DropHeaders()
		judging.Add(f)
		return nil
	})
	s.strict.about(c)
	c.Findings = judging.Findings(machine)
	for i := range c.Findings {
		c.Findings[i] = s.strict.texts.Finding(c.Findings[i])
	}
	return err
}

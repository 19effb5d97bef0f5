package intake

import (
	"detour/internal/alias"
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
	err := s.file.all(s.from.Whole, nil, func(f *flow.Flow) error {
		if s.bare && !s.has(f.ID) { // nothing of those is counted
			f.DropBodies()
			f.DropHeaders()
		}
		f = s.strict.Flow(f).CutOff(c.Last)
		s.strict.texts.Learn(f)
		f.DropBodies()
		f.DropHeaders()
		judging.Add(f)
		return nil
	})
	s.strict.about(c)
	c.Findings = judging.Findings(machine)
	return err
}

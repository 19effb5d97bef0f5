package capture

import "detour/internal/flow"

// An intake is an Intake of functions, of which each may be nil.
type intake struct {
	AsIs
	tag, redact func(*flow.Flow)
	prepared    func(*flow.Flow) Prepared
	keepBodies  func(*flow.Flow) bool
	codes       func(*flow.Flow) []string
	text        func(string) string
}

func (i intake) Take(f *flow.Flow) (p Prepared) {
	if i.tag != nil {
		i.tag(f)
	}
	if i.prepared != nil {
		p = i.prepared(f)
	}
	i.Update(f)
	return p
}

func (i intake) Update(f *flow.Flow) {
	if i.keepBodies == nil || !i.keepBodies(f) {
		f.DropBodies()
	}
	if i.redact != nil {
		i.redact(f)
	}
	if f.Final() {
		f.Findings = i.Codes(f)
	}
}

func (i intake) Codes(f *flow.Flow) []string {
	if i.codes == nil {
		return nil
	}
	return i.codes(f)
}

func (i intake) Text(s string) string {
	if i.text == nil {
		return s
	}
	return i.text(s)
}

package disk

import "detour/internal/flow"

// AddStep adds a step to a file that Edit opened. Its time may be before that of others.
func (f *File) AddStep(s flow.Step) error {
	_, err := f.db.Exec("INSERT INTO steps VALUES (?, ?)", stamp(s.At), s.Text)
	return err
}

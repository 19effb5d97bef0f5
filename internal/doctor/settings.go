package doctor

import "strings"

// A Mistake is what a run would refuse to begin with, and what to do about it.
type Mistake struct{ Text, Fix string }

// Settings are what a run would go by that isn't on its command line.
type Settings struct {
	File    string   // that was read; "": none is there
	Wrong   *Mistake // nil: a run takes them
	Table   bool     // only a run with the table would refuse them
	Unknown []string // variables that look like settings and are none
}

func (s Settings) checks() (out []Check) {
	const code = "config"
	switch {
	case s.Wrong != nil && s.Table:
		out = append(out, warn(code, s.Wrong.Fix, "the table can't be shown: %s", s.Wrong.Text))
	case s.Wrong != nil:
		out = append(out, fail(code, s.Wrong.Fix, "detour would not start: %s", s.Wrong.Text))
	case s.File == "":
		out = append(out, ok(code, "no file of settings; the flags' own defaults hold"))
	default:
		out = append(out, ok(code, "settings are read from %s", s.File))
	}
	if len(s.Unknown) > 0 {
		out = append(out, warn(code, "detour help environment lists those that are", "no flag has the variable %s, so that it does nothing", strings.Join(s.Unknown, ", ")))
	}
	return out
}

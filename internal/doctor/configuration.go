package doctor

import "strings"

// A Mistake is a reason why a run would not start, and what to do about it.
type Mistake struct{ Text, Fix string }

// Settings are what a run would use that isn't on its command line.
type Settings struct {
	File    string   // the configuration file; "": there is none
	Wrong   *Mistake // nil: a run accepts them
	Table   bool     // only a run with the table would refuse them
	Unknown []string // variables that look like settings and aren't any
}

func (s Settings) checks() (out []Check) {
	const code = "config"
	switch {
	case s.Wrong != nil && s.Table:
		out = append(out, warn(code, s.Wrong.Fix, "the table can't be shown: %s", s.Wrong.Text))
	case s.Wrong != nil:
		out = append(out, fail(code, s.Wrong.Fix, "detour would not start: %s", s.Wrong.Text))
	case s.File == "":
		out = append(out, ok(code, "no configuration file; the defaults apply"))
	default:
		out = append(out, ok(code, "settings are read from %s", s.File))
	}
	if len(s.Unknown) > 0 {
		out = append(out, warn(code, "detour help environment lists the variables that detour reads",
			"ignored, since no flag has this name: %s", strings.Join(s.Unknown, ", ")))
	}
	return out
}

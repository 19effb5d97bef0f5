package doctor

// A Mistake is what a run would refuse to begin with, and what to do about it.
type Mistake struct{ Text, Fix string }

// Settings are what a run would go by that isn't on its command line.
type Settings struct {
	File    string    // that was read; "": none is there
	Wrong   *Mistake  // nil: a run takes them
	Table   bool      // only a run with the table would refuse them
	Unknown []Unknown // variables that look like settings and are none
}

// An Unknown is a variable that nothing reads.
type Unknown struct {
	Name string
	Near string // the one that may have been meant; "": none is near
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
	for _, u := range s.Unknown {
		fix := "detour help environment lists those that are read"
		if u.Near != "" {
			fix = "did you mean " + u.Near + "? " + fix
		}
		out = append(out, warn(code, fix, "nothing reads %s", u.Name))
	}
	return out
}

package doctor

import (
	"detour/internal/browserpolicy"
	"detour/internal/wording"
)

// A Browser is the one that a run would start.
type Browser struct {
	Choice string // --browser
	Path   string // "": none
	Err    string // why there is none
	Twice  bool   // it is started twice, so that it trusts the run's certificate

	Managed  bool                   // Policies are known
	Policies []browserpolicy.Effect // what its policies do to it
	Other    string                 // another kind of browser, which no policy keeps from detour; "": there is none
}

// checks are those of the browser and its policies.
func (b Browser) checks() []Check {
	out := []Check{b.check()}
	if b.Path == "" || !b.Managed {
		return out
	}
	const code = "policy"
	var harmless []string
	for _, e := range b.Policies {
		switch e.Kind {
		case browserpolicy.Bypass, browserpolicy.Breaks:
			out = append(out, fail(code, browserpolicy.Advice(b.Other), "%s", browserpolicy.Serious([]browserpolicy.Effect{e})[0]))
		case browserpolicy.Alters:
			out = append(out, warn(code, "if a page works elsewhere but not in this browser, choose another one with --browser", "%s", e.Text))
		case browserpolicy.Unread:
			out = append(out, warn(code, "if detour shows no requests, look there for a proxy policy", "%s", e.Text))
		case browserpolicy.Harmless:
			harmless = append(harmless, e.Text)
		}
	}
	switch {
	case len(harmless) > 0:
		out = append(out, ok(code, "%s", wording.List(harmless)))
	case len(b.Policies) == 0:
		out = append(out, ok(code, "no policy of this browser concerns detour"))
	}
	return out
}

func (b Browser) check() Check {
	const code = "browser"
	switch {
	case b.Path != "" && b.Twice:
		return ok(code, "%s; it starts twice to trust the run's certificate, which takes some seconds longer than with NSS's certutil", b.Path)
	case b.Path != "":
		return ok(code, "%s", b.Path)
	case b.Choice == "none":
		return ok(code, "--browser none starts no browser")
	case b.Choice == "auto":
		return warn(code, "choose one with --browser, or set up your own: detour --browser none says how", "none can be started: %s", b.Err)
	}
	return fail(code, "--browser auto starts the first one that is installed", "%s", b.Err)
}

// A State is the directory for profiles, signing chains and runs, and the profile that a
// run would use.
type State struct {
	Dir     string // "": there is no place for one
	Profile string // directory of the saved profile; "": the profile is temporary
	OpenBy  string // what has the profile open: "process 4711"; "": nothing
	Away    bool   // that is on another computer, and may have ended long ago
	Err     string // why the directory can't be written to
}

func (s State) check() Check {
	const code = "profile"
	switch {
	case s.Err != "" && s.Dir == "":
		return fail(code, "set HOME, or set XDG_STATE_HOME to a directory of your own", "%s", s.Err)
	case s.Err != "":
		return fail(code, "make it writable for you only, or set XDG_STATE_HOME to a directory of your own",
			"can't write to %s: %s", s.Dir, s.Err)
	case s.OpenBy != "" && s.Away:
		return warn(code, "close the browser there; if it is closed, remove SingletonLock and lock from the directory, or use another --profile",
			"%s has locked the profile %s", s.OpenBy, s.Profile)
	case s.OpenBy != "":
		return warn(code, "close that browser, or use another --profile",
			"a browser (%s) has the profile %s open, and would show the page itself", s.OpenBy, s.Profile)
	case s.Profile != "":
		return ok(code, "saved in %s", s.Profile)
	}
	return ok(code, "temporary, a new one for each run; --profile NAME saves one")
}

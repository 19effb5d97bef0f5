package doctor

import (
	"strings"
	"time"
)

// A Chain is a signing chain on disk.
type Chain struct {
	Dir       string
	NoDir     string    // what is in place of its directory, or of one above it; "": nothing
	Err       string    // why it can't be read
	NotAfter  time.Time // zero: there is none
	Now       time.Time
	EveryHost bool     // it can sign for every host
	Trusted   []string // stores that trust it
	Unknown   []string // stores that couldn't be asked, and why
	Retired   []string // stores that still trust a root that it replaced
}

// soon is how long before it expires a chain is worth a warning.
const soon = 14 * 24 * time.Hour

func chains(list []Chain) (out []Check) {
	for _, c := range list {
		out = append(out, c.check())
	}
	return out
}

func (c Chain) check() Check {
	const code = "ca"
	by := "not trusted by any store"
	if len(c.Trusted) > 0 {
		by = "trusted by " + strings.Join(c.Trusted, ", ")
	}
	ends := c.NotAfter.Format(time.DateOnly)
	switch {
	case c.NoDir != "":
		return fail(code, "--ca-dir names a directory, which is created if missing",
			"the signing chain needs a directory, and %s isn't one", c.NoDir)
	case c.Err != "":
		return fail(code, "move "+c.Dir+" away; detour then creates a new chain", "%s", c.Err)
	case len(c.Retired) > 0:
		return warn(code, "detour ca untrust, then detour ca trust",
			"a root that was replaced is still trusted by %s", strings.Join(c.Retired, ", "))
	case c.NotAfter.IsZero():
		return ok(code, "no signing chain on disk; the browser that detour starts trusts one in memory")
	case !c.Now.Before(c.NotAfter):
		return warn(code, "the next run creates a new one; then detour ca trust", "the chain in %s expired on %s", c.Dir, ends)
	case c.EveryHost && len(c.Trusted) > 0:
		return warn(code, "detour ca untrust --decrypt all, as soon as you no longer need it",
			"a root that can sign for every host on the web is trusted by %s", strings.Join(c.Trusted, ", "))
	case c.NotAfter.Sub(c.Now) < soon:
		return warn(code, "detour ca rotate creates a new one, and trusts it wherever this one is trusted",
			"the chain in %s expires on %s", c.Dir, ends)
	case len(c.Trusted) == 0 && len(c.Unknown) > 0:
		return warn(code, "detour ca says how to check each of them",
			"can't find out whether the chain in %s is trusted by %s", c.Dir, strings.Join(c.Unknown, ", "))
	}
	return ok(code, "the chain in %s is valid until %s; %s", c.Dir, ends, by)
}

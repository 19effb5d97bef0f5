package doctor

import (
	"strings"
	"time"
)

// A Port is where the proxy would listen.
type Port struct {
	Address string
	Default bool     // nobody asked for one
	Own     string   // the proxy of a detour that runs there; "": none does
	Err     string   // why it can't be had; "": it is free
	Wrong   *Mistake // why no run would take it; nil: one would
}

func (p Port) check() Check {
	switch {
	case p.Wrong != nil:
		return fail("port", p.Wrong.Fix, "%s", p.Wrong.Text)
	case p.Err == "":
		return ok("port", "%s is free", p.Address)
	case p.Own != "" && p.Default:
		return ok("port", "%s is taken by a detour that runs; another one takes a free port", p.Address)
	case p.Own != "":
		return fail("port", "--listen 127.0.0.1:0 takes any free one", "%s is taken by a detour that runs", p.Address)
	case p.Default:
		return warn("port", "nothing, or another one with --listen; point nothing at "+p.Address+" by hand, it is another program", "%s is taken; detour takes a free port instead", p.Address)
	}
	return fail("port", "--listen 127.0.0.1:0 takes any free one", "can't listen on %s: %s", p.Address, p.Err)
}

// A Browser is the one that would be started.
type Browser struct {
	Choice string // --browser
	Path   string // "": none
	Err    string // why there is none
	Twice  bool   // it is started twice, to have it trust the run's certificates
}

func (b Browser) check() Check {
	switch {
	case b.Path != "" && b.Twice:
		return ok("browser", "%s, which starts twice, to have it trust the run: a start takes some seconds longer than with NSS's certutil", b.Path)
	case b.Path != "":
		return ok("browser", "%s", b.Path)
	case b.Choice == "none":
		return ok("browser", "none is started, as --browser none asks")
	case b.Choice == "auto":
		return warn("browser", "name one with --browser, or set yours by hand: detour --browser none says how", "none is started: %s", b.Err)
	}
	return fail("browser", "--browser auto takes the first that is installed", "%s", b.Err)
}

// A State is where detour keeps what it makes: profiles, chains, runs.
type State struct {
	Dir     string // "": there is no place for one
	Profile string // directory of the profile that is kept; "": it is thrown away
	OpenBy  string // who has the profile open: "process 4711"; "": nobody
	Away    bool   // that is on another computer, and may be long over
	Err     string // why the directory can't be written to
}

func (s State) check() Check {
	switch {
	case s.Err != "" && s.Dir == "":
		return fail("profile", "set HOME, or XDG_STATE_HOME to a directory of yours", "%s", s.Err)
	case s.Err != "":
		return fail("profile", "make it writable for you alone, or set XDG_STATE_HOME to a directory of yours", "%s can't be written to: %s", s.Dir, s.Err)
	case s.OpenBy != "" && s.Away:
		return warn("profile", "close it there; if it is closed, remove SingletonLock and lock from the directory, or take another --profile", "%s has the profile %s open, or left it so", s.OpenBy, s.Profile)
	case s.OpenBy != "":
		return warn("profile", "close that browser, or take another --profile", "a browser (%s) has the profile %s open, and would show the page itself", s.OpenBy, s.Profile)
	case s.Profile != "":
		return ok("profile", "kept in %s", s.Profile)
	}
	return ok("profile", "new with each run, and thrown away; --profile NAME keeps one")
}

// A Chain is a signing chain on disk.
type Chain struct {
	Dir       string
	NoDir     string    // what is in the place of its directory, or of one above it; "": nothing
	Err       string    // why it can't be read
	NotAfter  time.Time // zero: there is none
	Now       time.Time
	EveryHost bool     // it has no limits
	Trusted   []string // stores that trust it
	Unknown   []string // stores that couldn't be asked, and why
	Retired   []string // stores that still trust a root it took the place of
}

// soon is how long before its end a chain is worth a word.
const soon = 14 * 24 * time.Hour

func chains(list []Chain) (out []Check) {
	for _, c := range list {
		out = append(out, c.check())
	}
	return out
}

func (c Chain) check() Check {
	by := "nothing trusts it"
	if len(c.Trusted) > 0 {
		by = "trusted by " + strings.Join(c.Trusted, ", ")
	}
	ends := c.NotAfter.Format(time.DateOnly)
	switch {
	case c.NoDir != "":
		return fail("ca", "--ca-dir names a directory, which is made if it isn't there", "a directory is wanted for the signing chain, and %s is none", c.NoDir)
	case c.Err != "":
		return fail("ca", "move "+c.Dir+" away; detour makes a new chain", "%s", c.Err)
	case len(c.Retired) > 0:
		return warn("ca", "detour ca untrust, then detour ca trust", "a root that was replaced is still trusted by %s", strings.Join(c.Retired, ", "))
	case c.NotAfter.IsZero():
		return ok("ca", "no signing chain on disk; the browser that detour starts trusts one in memory")
	case !c.Now.Before(c.NotAfter):
		return warn("ca", "the next run makes a new one; then detour ca trust", "the chain in %s ended on %s", c.Dir, ends)
	case c.EveryHost && len(c.Trusted) > 0:
		return warn("ca", "detour ca untrust --decrypt all, as soon as you don't need it", "a root that can sign for every host on the web is trusted by %s", strings.Join(c.Trusted, ", "))
	case c.NotAfter.Sub(c.Now) < soon:
		return warn("ca", "detour ca rotate makes a new one, and has it trusted where this is", "the chain in %s ends on %s", c.Dir, ends)
	case len(c.Trusted) == 0 && len(c.Unknown) > 0:
		return warn("ca", "detour ca says how each can be asked", "whether the chain in %s is trusted couldn't be found out from %s", c.Dir, strings.Join(c.Unknown, ", "))
	}
	return ok("ca", "the chain in %s holds until %s; %s", c.Dir, ends, by)
}

// A Terminal is what the live table would be shown on.
type Terminal struct {
	Is            bool // stdout is one
	Term          string
	ColorTerm     string
	NoColor       bool
	UTF8          bool
	Width, Height int    // 0: it doesn't say
	Multiplexer   string // "tmux", "screen", or ""
}

func (t Terminal) checks() []Check {
	if !t.Is {
		return []Check{ok("terminal", "stdout is none; --ui none --json writes records")}
	}
	if t.Term == "dumb" {
		return []Check{fail("terminal", "TERM has to name what it is, for example xterm-256color; or --ui none", "TERM=%s can't show the table", t.Term)}
	}
	var out []Check
	switch {
	case !t.UTF8:
		out = append(out, warn("terminal", "set LANG to a UTF-8 locale, for example C.UTF-8", "the locale isn't UTF-8: lines and marks show as other signs"))
	case t.Width > 0 && (t.Width < 80 || t.Height < 24):
		out = append(out, warn("terminal", "make it at least 80x24", "%dx%d is small for the table", t.Width, t.Height))
	default:
		out = append(out, ok("terminal", "%s, %dx%d, %s, UTF-8", t.Term, t.Width, t.Height, t.colours()))
	}
	note := "copying works by OSC 52, which terminals don't say they know: try it once"
	if t.Multiplexer == "tmux" {
		return append(out, warn("clipboard", "tmux set -s set-clipboard on", "%s; tmux passes it on only if told to", note))
	}
	return append(out, ok("clipboard", "%s", note))
}

func (t Terminal) colours() string {
	switch {
	case t.NoColor:
		return "no colours (NO_COLOR)"
	case t.ColorTerm == "truecolor" || t.ColorTerm == "24bit":
		return "16 million colours"
	case strings.Contains(t.Term, "256color"):
		return "256 colours"
	}
	return "16 colours"
}

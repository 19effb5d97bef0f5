package doctor

import (
	"strings"

	"detour/internal/wording"
)

// A Terminal is where the live table would be shown.
type Terminal struct {
	Is            bool // stdout is one
	Term          string
	ColorTerm     string
	NoColor       bool
	UTF8          bool
	Width, Height int      // 0: not known
	Clipboard     []string // programs that copy besides OSC 52: "tmux", "xclip"
}

func (t Terminal) checks() []Check {
	const code = "terminal"
	if !t.Is {
		return []Check{ok(code, "stdout isn't a terminal; --ui none --json writes records")}
	}
	if t.Term == "dumb" {
		return []Check{fail(code, "set TERM to the terminal's type, for example xterm-256color; or use --ui none",
			"TERM=%s can't show the table", t.Term)}
	}
	var out []Check
	switch {
	case !t.UTF8:
		out = append(out, warn(code, "set LANG to a UTF-8 locale, for example C.UTF-8",
			"the locale isn't UTF-8: lines and symbols are shown as other characters"))
	case t.Width > 0 && (t.Width < 80 || t.Height < 24):
		out = append(out, warn(code, "enlarge it to at least 80x24", "%dx%d is small for the table", t.Width, t.Height))
	default:
		out = append(out, ok(code, "%s, %dx%d, %s, UTF-8", t.Term, t.Width, t.Height, t.colours()))
	}
	if len(t.Clipboard) > 0 {
		return append(out, ok("clipboard", "copying uses %s, and OSC 52 of the terminal", wording.List(t.Clipboard)))
	}
	return append(out, ok("clipboard",
		"copying uses OSC 52 alone: try it once, since terminals don't report whether they support it; Y in the table shows the text to select"))
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

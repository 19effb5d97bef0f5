package gather

import (
	"os/exec"
	"runtime"
	"strings"

	"detour/internal/clipboard"
	"detour/internal/doctor"
	"detour/internal/upstream"
)

// terminal adds what the environment says to the terminal's size.
func (cfg Config) terminal() doctor.Terminal {
	t := cfg.Terminal
	if !t.Is {
		return doctor.Terminal{}
	}
	t.Term, t.ColorTerm, t.NoColor, t.UTF8 = cfg.env("TERM"), cfg.env("COLORTERM"), cfg.env("NO_COLOR") != "", true
	if runtime.GOOS == "windows" {
		t.Term = "Windows console"
	} else {
		_, locale := upstream.FirstSet(cfg.env, []string{"LC_ALL", "LC_CTYPE", "LANG"})
		locale = strings.ToLower(locale)
		t.UTF8 = strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
	}
	t.Clipboard = clipboard.System{GOOS: runtime.GOOS, Env: cfg.env, Look: exec.LookPath}.Programs()
	return t
}

package shellenv

import (
	"strings"
	"testing"
)

func TestPowerShell_printsASCIIAlone(t *testing.T) {
	for v, want := range map[string]string{
		`C:\Users\x`:  `'C:\Users\x'`,
		"it's":        "'it''s'",
		"J\u00f6rg's": "('J' + [char]0x00f6 + 'rg''s')",
		"a\x1b[m":     "('a' + [char]0x001b + '[m')",
		"\u2019":      "('' + [char]0x2019 + '')",
		"\U0001f600":  "('' + [char]0xd83d + '' + [char]0xde00 + '')",
	} {
		if got := PowerShell.Quote(v); got != want {
			t.Errorf("%s: %s, want %s", v, got, want)
		}
	}
}

func TestSet_forCmdSwitchesTheCodePageOnlyIfItMust(t *testing.T) {
	none := func(string) bool { return false }
	plain := Set(Cmd, []Variable{{"A", `C:\x`}}, none)
	if strings.Contains(plain, "chcp") {
		t.Errorf("for ASCII: %s", plain)
	}
	lines := strings.Split(strings.TrimSpace(Set(Cmd, []Variable{{"A", "J\u00f6rg"}}, none)), "\r\n")
	if len(lines) != 6 || !strings.HasPrefix(lines[1], "@chcp 65001") || lines[2] != "set \"A=J\u00f6rg\"" || !strings.HasPrefix(lines[4], "@chcp %DETOUR_CODE_PAGE%") {
		t.Errorf("got %q", lines)
	}
}

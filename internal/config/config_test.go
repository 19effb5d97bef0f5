package config

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParse_aLineIsAFlagAndItsValue(t *testing.T) {
	got, err := Parse("f", "\ufeff# mine\r\n\nbrowser=none\r\n  resolver = 10.0.0.2 # the VPC's\nresolver = 10.0.1.2\n"+
		"reference-resolver = tls://9.9.9.9#dns.quad9.net\nfilter = \" a = b # c \" # kept\nmap = a.example=10.0.0.1\nprofile =\nlog = # none")
	want := []Setting{
		{"browser", "none", 3},
		{"resolver", "10.0.0.2", 4},
		{"resolver", "10.0.1.2", 5},
		{"reference-resolver", "tls://9.9.9.9#dns.quad9.net", 6},
		{"filter", " a = b # c ", 7},
		{"map", "a.example=10.0.0.1", 8},
		{"profile", "", 9},
		{"log", "", 10},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
}

func TestParse_saysWhereAndWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"\nbrowser none":         `f:2: there is no = in "browser none"`,
		"[run]\n":                `f:1: there is no = in "[run]"`,
		"--browser = none":       `f:1: "--browser" isn't the name of a flag`,
		"= none":                 `f:1: "" isn't the name of a flag`,
		`filter = "a`:            `f:1: the closing quote is missing`,
		`filter = "a" b`:         `f:1: "b" follows the closing quote`,
		"a = b\nb = \xff":        `f:2: this isn't text`,
		strings.Repeat("x", 5e3): `f:1: this isn't text`,
	} {
		got, err := Parse("f", text)
		var e *Error
		if !errors.As(err, &e) || e.Error() != want || e.Hint == "" || got != nil {
			t.Errorf("%.20q: %v %v, want %s", text, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("# c\nresolver = 10.0.0.2 # x\nfilter = \"a b\"\n")
	f.Add("a=\"\nb")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse("f", text)
		if err != nil && got != nil {
			t.Errorf("settings beside an error: %v", got)
		}
		for _, s := range got {
			if !isKey(s.Key) || strings.ContainsAny(s.Value, "\n\x00") || s.Line < 1 || s.Line > strings.Count(text, "\n")+1 {
				t.Errorf("%q gave %+v", text, s)
			}
			// What is read can be written, and read again.
			if !strings.Contains(s.Value, `"`) {
				again, err := Parse("f", s.Key+` = "`+s.Value+`"`)
				if err != nil || len(again) != 1 || again[0].Value != s.Value {
					t.Errorf("%+v read again is %+v: %v", s, again, err)
				}
			}
		}
	})
}

func TestPath_isWhereThePlatformHasIt(t *testing.T) {
	for _, tc := range []struct {
		goos string
		env  map[string]string
		want []string
	}{
		{"linux", map[string]string{"HOME": "/home/x"}, []string{"/home/x", ".config", "detour", "config"}},
		{"linux", map[string]string{"HOME": "/home/x", "XDG_CONFIG_HOME": "relative"}, []string{"/home/x", ".config", "detour", "config"}},
		{"darwin", map[string]string{"HOME": "/Users/x"}, []string{"/Users/x", "Library", "Application Support", "detour", "config"}},
		{"windows", map[string]string{"AppData": `C:\U\x\AppData\Roaming`}, []string{`C:\U\x\AppData\Roaming`, "detour", "config"}},
		{"linux", nil, nil},
		{"darwin", nil, nil},
		{"windows", nil, nil},
	} {
		if got, want := Path(tc.goos, func(n string) string { return tc.env[n] }), filepath.Join(tc.want...); got != want {
			t.Errorf("%s %v: %q, want %q", tc.goos, tc.env, got, want)
		}
	}
}

package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// flags are those of a program whose command has all but healthy.
func flags() map[string]Flag {
	return map[string]Flag{
		"ui": {Here: true}, "listen": {Here: true}, "healthy": {},
		"resolver": {Here: true, Repeatable: true}, "keys": {Here: true, Repeatable: true, Keyed: true},
		"json": {Here: true, Concerns: func(v string) bool { return v == "true" }},
	}
}

func merge(t *testing.T, env map[string]string, text string, change func(map[string]Flag)) (Merged, error) {
	t.Helper()
	list, err := Parse("f", text)
	if err != nil {
		t.Fatal(err)
	}
	all := flags()
	if change != nil {
		change(all)
	}
	return Merge(all, Layers{File: "f", Settings: list, Env: func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}})
}

// set is what the values set, as NAME=VALUE@SOURCE.
func set(m Merged) string {
	var out []string
	for _, v := range m.Values {
		out = append(out, v.Flag+"="+v.Value+"@"+v.Source)
	}
	return strings.Join(out, " ")
}

func TestMerge_theCommandLineOverridesTheEnvironmentWhichOverridesTheFile(t *testing.T) {
	given := func(name string) func(map[string]Flag) {
		return func(all map[string]Flag) {
			f := all[name]
			f.Given = true
			all[name] = f
		}
	}
	for name, tc := range map[string]struct {
		env    map[string]string
		file   string
		change func(map[string]Flag)
		want   string
	}{
		"nothing is set":                      {nil, "", nil, ""},
		"the file alone":                      {nil, "ui = none", nil, "ui=none@f:1"},
		"the environment alone":               {map[string]string{"DETOUR_UI": "tui"}, "", nil, "ui=tui@DETOUR_UI"},
		"both":                                {map[string]string{"DETOUR_UI": "tui"}, "ui = none\nlisten = x", nil, "ui=tui@DETOUR_UI listen=x@f:2"},
		"an empty variable is none":           {map[string]string{"DETOUR_UI": ""}, "ui = none", nil, "ui=none@f:1"},
		"on the command line":                 {map[string]string{"DETOUR_UI": "tui"}, "ui = none", given("ui"), ""},
		"many values":                         {nil, "resolver = a\nresolver = b", nil, "resolver=a@f:1 resolver=b@f:2"},
		"many values, overridden":             {map[string]string{"DETOUR_RESOLVER": "c"}, "resolver = a\nresolver = b", nil, "resolver=c@DETOUR_RESOLVER"},
		"a key of its own":                    {nil, "keys.mark = M\nkeys = note=N", nil, "keys=mark=M@f:1 keys=note=N@f:2"},
		"another command's":                   {map[string]string{"DETOUR_HEALTHY": "true"}, "healthy = true", nil, ""},
		"another command's value":             {map[string]string{"DETOUR_JSON": "all"}, "json = true", nil, "json=true@f:1"},
		"a variable of no flag changes none":  {map[string]string{"DETOUR_UIX": "tui"}, "", nil, ""},
		"an empty value in the file is a one": {nil, "listen =", nil, "listen=@f:1"},
	} {
		m, err := merge(t, tc.env, tc.file, tc.change)
		if got := set(m); err != nil || got != tc.want || m.Notices != nil {
			t.Errorf("%s: %q %v %v, want %q", name, got, m.Notices, err, tc.want)
		}
	}
}

func TestMerge_saysWhatIsWrongInTheFile(t *testing.T) {
	for text, want := range map[string]string{
		"listen = x\nui = a\nlisten = y":   "f:3: listen is already set in line 1",
		"keys.mark = M\nkeys.mark = X":     "f:2: keys.mark is already set in line 1",
		"lisen = x":                        `f:1: "lisen" isn't a flag`,
		"listen.a = x":                     `f:1: "listen.a" isn't a flag`,
		"config = other":                   `f:1: "config" isn't a flag`,
		"healthy = true\n\nhealthy = true": "f:3: healthy is already set in line 1",
	} {
		m, err := merge(t, nil, text, nil)
		var e *Error
		if !errors.As(err, &e) || err.Error() != want || e.Hint == "" || m.Values != nil {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestMerge_ignoresARetiredSettingAndSaysSo(t *testing.T) {
	m, err := merge(t, nil, "ui = none\nlang = en", nil)
	if err != nil || set(m) != "ui=none@f:1" || len(m.Notices) != 1 || !strings.HasPrefix(m.Notices[0], "f:2: lang is no longer a setting") {
		t.Errorf("%q %q %v", set(m), m.Notices, err)
	}
}

func TestUnknownVariables_areThoseOfNoFlag(t *testing.T) {
	got := UnknownVariables([]string{"bodies", "config"}, []string{"DETOUR_BODYS=all", "DETOUR_BODIES=all", "DETOUR_CONFIG=x", "DETOUR_SAVED=1", "DETOUR_SAVED_HTTPS_PROXY=x", "DETOUR_XYZZYXYZZY=", "DETOURS=1", "PATH=/"})
	if want := []string{"DETOUR_BODYS (DETOUR_BODIES?)", "DETOUR_XYZZYXYZZY"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

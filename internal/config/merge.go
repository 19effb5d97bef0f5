package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"detour/internal/nearest"
)

// Variable returns the environment variable for a flag: DETOUR_CONNECT_TIMEOUT for
// connect-timeout.
func Variable(flag string) string {
	return "DETOUR_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// A Flag is what [Merge] has to know of a flag. The zero value is a flag with one value
// that another command has.
type Flag struct {
	Here       bool                    // the command that runs has it
	Given      bool                    // it is on the command line
	Repeatable bool                    // it may have more than one value
	Keyed      bool                    // name.X = V in the file is name = X=V
	Concerns   func(value string) bool // whether a value is for this command's flag; nil: each is
}

func (f Flag) takes(value string) bool {
	return f.Here && !f.Given && (f.Concerns == nil || f.Concerns(value))
}

// Layers are where values come from that aren't on the command line. The environment
// overrides the file.
type Layers struct {
	Env      func(name string) (value string, ok bool)
	File     string    // the file's name; "": there is none
	Settings []Setting // in the file
}

// A Value is one that a flag is to be set to.
type Value struct {
	Flag, Value string
	Source      string // where it was set: "DETOUR_UI", or "/home/u/.config/detour/config:3"
	Subject     string // what an error about it begins with
}

// Merged is what [Merge] returns.
type Merged struct {
	Values  []Value  // to set, in this order
	Notices []string // about settings that are ignored, a sentence each
}

// retired are settings that a file may still have, and why they are ignored.
func retired(key string) (why string, ok bool) {
	if key == "lang" {
		return "every text is in English", true
	}
	return "", false
}

// Merge returns the values for the flags of a command that aren't on its command line.
// flags has the flags of all commands, so that a setting for another command is no
// mistake. Errors are *Error: a setting that no command has, or that is set twice.
func Merge(flags map[string]Flag, from Layers) (m Merged, err error) {
	inEnvironment := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		variable := Variable(name)
		if v, ok := from.Env(variable); ok && v != "" && flags[name].takes(v) {
			m.Values = append(m.Values, Value{Flag: name, Value: v, Source: variable, Subject: variable})
			inEnvironment[name] = true
		}
	}
	lines := make(map[string]int) // by key
	for _, s := range from.Settings {
		wrong := func(hint, format string, args ...any) error {
			return &Error{File: from.File, Line: s.Line, Msg: fmt.Sprintf(format, args...), Hint: hint}
		}
		name, value := s.Key, s.Value
		if line := lines[s.Key]; line > 0 && !flags[s.Key].Repeatable {
			return Merged{}, wrong("keep one of the two lines", "%s is already set in line %d", s.Key, line)
		}
		lines[s.Key] = s.Line
		if of, one, dotted := strings.Cut(s.Key, "."); dotted && flags[of].Keyed {
			name, value = of, one+"="+value
		}
		f, known := flags[name]
		if why, ok := retired(name); ok && !known {
			m.Notices = append(m.Notices, fmt.Sprintf("%s:%d: %s is no longer a setting; remove the line: %s", from.File, s.Line, name, why))
			continue
		}
		if !known {
			hint := "detour --help lists the flags"
			if near := nearest.Word(name, slices.Sorted(maps.Keys(flags))); near != "" {
				hint = "did you mean " + near + "?"
			}
			return Merged{}, wrong(hint, "%q isn't a flag", name)
		}
		if f.takes(value) && !inEnvironment[name] {
			at := fmt.Sprintf("%s:%d", from.File, s.Line)
			m.Values = append(m.Values, Value{Flag: name, Value: value, Source: at, Subject: at + ": " + name})
		}
	}
	return m, nil
}

// UnknownVariables returns the variables in environ that look like a flag's and are no
// flag's, each with what it probably stands for. DETOUR_SAVED…, which the shell lines of
// detour env set, are left out.
func UnknownVariables(flags, environ []string) (out []string) {
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		rest, ours := strings.CutPrefix(name, Variable(""))
		flag := strings.ToLower(strings.ReplaceAll(rest, "_", "-"))
		if !ours || strings.HasPrefix(rest, "SAVED") || slices.Contains(flags, flag) && name == Variable(flag) {
			continue
		}
		if near := nearest.Word(flag, flags); near != "" {
			name += " (" + Variable(near) + "?)"
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

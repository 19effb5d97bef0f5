// Package config reads detour's configuration file, and merges it with the environment.
//
// Every setting is a command-line flag: a line is a flag's name without its dashes, "=",
// and its value. There are no sections, types or escapes, and an error names the line
// that is wrong. A flag that may be given more than once may have more than one line.
//
//	# the VPC's resolver, and another one after it
//	resolver = 10.0.0.2
//	resolver = 10.0.1.2
//	browser  = firefox
//
// For a flag that takes NAME=VALUE, keys.mark = M is the same as keys = mark=M.
//
// [Path] is where the file is, [Parse] reads its text, and [Merge] decides which values
// of the environment and the file apply.
package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// A Setting is one line of the file.
type Setting struct {
	Key, Value string
	Line       int // from 1
}

// An Error is a mistake in the file.
type Error struct {
	File string
	Line int
	Msg  string
	Hint string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg) }

// maxLine bounds a line, so that a file of another kind has a short error.
const maxLine = 4096

// Parse reads a file's text; file is its name for errors, which are *Error.
//
// Blanks around key and value are ignored. A value in double quotes keeps its blanks, and
// has no escapes. # starts a comment at the start of a line or after a blank, so a URL may
// contain one.
func Parse(file, text string) ([]Setting, error) {
	var out []Setting
	text = strings.TrimPrefix(text, "\ufeff")
	for i, line := range strings.Split(text, "\n") {
		wrong := func(hint, format string, args ...any) error {
			return &Error{File: file, Line: i + 1, Msg: fmt.Sprintf(format, args...), Hint: hint}
		}
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if len(line) > maxLine || !utf8.ValidString(line) || strings.ContainsRune(line, 0) {
			return nil, wrong("settings are lines of text: flag = value", "this isn't text")
		}
		key, value, found := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if !found {
			return nil, wrong("flag = value, for example browser = none", "there is no = in %q", line)
		}
		if !isKey(key) {
			return nil, wrong("a flag's name without its dashes, for example connect-timeout", "%q isn't the name of a flag", key)
		}
		value, err := unquote(strings.TrimSpace(value))
		if err != "" {
			return nil, wrong("a quoted value ends with a quote, and contains none", "%s", err)
		}
		out = append(out, Setting{Key: key, Value: value, Line: i + 1})
	}
	return out, nil
}

func isKey(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' {
			return false
		}
	}
	return s != "" && s[0] != '-' && s[0] != '.'
}

// unquote removes quotes and a comment from a value, or says what is wrong with it.
func unquote(v string) (value, wrong string) {
	rest, quoted := strings.CutPrefix(v, `"`)
	if !quoted {
		for i := range len(v) {
			if v[i] == '#' && (i == 0 || v[i-1] == ' ' || v[i-1] == '\t') {
				return strings.TrimSpace(v[:i]), ""
			}
		}
		return v, ""
	}
	value, after, closed := strings.Cut(rest, `"`)
	after = strings.TrimSpace(after)
	switch {
	case !closed:
		return "", "the closing quote is missing"
	case after != "" && after[0] != '#':
		return "", fmt.Sprintf("%q follows the closing quote", after)
	}
	return value, ""
}

// Path returns where a user's file is: in XDG's configuration directory, on macOS in
// Application Support, on Windows in the roaming application data. It is "" if the
// environment has no home directory.
func Path(goos string, env func(string) string) string {
	home := env("HOME")
	switch goos {
	case "windows":
		if dir := env("AppData"); dir != "" {
			return filepath.Join(dir, "detour", name)
		}
		return ""
	case "darwin":
		if home == "" {
			return ""
		}
		return filepath.Join(home, "Library", "Application Support", "detour", name)
	}
	if dir := env("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "detour", name)
	}
	if home == "" {
		return ""
	}
	return filepath.Join(home, ".config", "detour", name)
}

const name = "config"

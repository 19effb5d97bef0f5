// Package shellenv writes the lines by which a shell sends its programs through a
// proxy, and those that take it back. It is pure: what is set is handed in.
package shellenv

import (
	"fmt"
	"slices"
	"strings"
)

// A Shell is a way of writing assignments.
type Shell string

// The shells that are known.
const (
	Sh         Shell = "sh" // bash, zsh, dash, ksh
	Fish       Shell = "fish"
	PowerShell Shell = "powershell"
	Cmd        Shell = "cmd"
)

// Shells are all of them.
func Shells() []Shell { return []Shell{Sh, Fish, PowerShell, Cmd} }

// Detect tells the shell that a program was called from, as far as the system
// and SHELL tell: Windows' two can't be told apart, and PowerShell is the usual one.
func Detect(goos, shell string) Shell {
	name := strings.TrimSuffix(shell[strings.LastIndexAny(shell, `/\`)+1:], ".exe")
	switch {
	case name == "fish":
		return Fish
	case name == "pwsh" || name == "powershell", goos == "windows" && name == "":
		return PowerShell
	}
	return Sh
}

// A Variable is one to set.
type Variable struct{ Name, Value string }

// saved is where a variable's value from before is kept in the meantime: by the
// shell itself, so that it is on no screen and in no file.
const saved = "DETOUR_SAVED_"

// Set writes the lines that set vars. What has a value already is kept aside, but
// where that value is an earlier call's; isSet tells what has one.
func Set(s Shell, vars []Variable, isSet func(name string) bool) string {
	var b strings.Builder
	for _, v := range vars {
		if isSet(v.Name) && !isSet(Mark) {
			s.copy(&b, saved+v.Name, v.Name)
		}
		s.assign(&b, v)
	}
	s.assign(&b, Variable{Mark, "1"})
	return b.String()
}

// Mark says that Set's lines are in effect, so that what is set is ours. The names of
// what they keep aside begin with it, too.
const Mark = "DETOUR_SAVED"

// Before is the environment as it was before Set's lines took effect in it; ok is false
// if they haven't.
func Before(env func(name string) string) (was func(name string) string, ok bool) {
	return func(name string) string { return env(saved + name) }, env(Mark) != ""
}

// Unset writes the lines that give the variables their values from before.
func Unset(s Shell, names []string, isSet func(name string) bool) string {
	var b strings.Builder
	for _, n := range names {
		switch {
		case isSet(saved + n):
			s.copy(&b, n, saved+n)
			s.remove(&b, saved+n)
		case isSet(Mark):
			s.remove(&b, n)
		}
	}
	if isSet(Mark) {
		s.remove(&b, Mark)
	}
	return b.String()
}

func (s Shell) assign(b *strings.Builder, v Variable) {
	switch s {
	case Fish:
		fmt.Fprintf(b, "set -gx %s %s;\n", v.Name, s.Quote(v.Value))
	case PowerShell:
		fmt.Fprintf(b, "$env:%s = %s\n", v.Name, s.Quote(v.Value))
	case Cmd:
		fmt.Fprintf(b, "set \"%s=%s\"\r\n", v.Name, s.Quote(v.Value))
	case Sh:
		fmt.Fprintf(b, "export %s=%s\n", v.Name, s.Quote(v.Value))
	}
}

// copy has the shell itself copy a variable.
func (s Shell) copy(b *strings.Builder, to, from string) {
	switch s {
	case Fish:
		fmt.Fprintf(b, "set -gx %s $%s;\n", to, from)
	case PowerShell:
		fmt.Fprintf(b, "$env:%s = $env:%s\n", to, from)
	case Cmd:
		fmt.Fprintf(b, "set \"%s=%%%s%%\"\r\n", to, from)
	case Sh:
		fmt.Fprintf(b, "export %s=\"$%s\"\n", to, from)
	}
}

func (s Shell) remove(b *strings.Builder, name string) {
	switch s {
	case Fish:
		fmt.Fprintf(b, "set -e %s;\n", name)
	case PowerShell:
		fmt.Fprintf(b, "Remove-Item Env:%s -ErrorAction SilentlyContinue\n", name)
	case Cmd:
		fmt.Fprintf(b, "set \"%s=\"\r\n", name)
	case Sh:
		fmt.Fprintf(b, "unset %s\n", name)
	}
}

// Quote writes a value so that the shell reads it as it is. cmd takes no quotes
// for it: in a batch file, which its lines are for, within set "NAME=VALUE" only
// the percent sign means something, and a quote can be in no path.
func (s Shell) Quote(v string) string {
	switch s {
	case Fish:
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
	case PowerShell:
		// PowerShell takes the typographic quotes for quotes, too.
		return "'" + strings.NewReplacer("'", "''", "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019", "\u201a", "\u201a\u201a", "\u201b", "\u201b\u201b").Replace(v) + "'"
	case Cmd:
		return strings.NewReplacer("%", "%%", `"`, "").Replace(v)
	case Sh:
	}
	return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
}

// Use is how a person has the shell take what command prints.
func (s Shell) Use(command string) string {
	switch s {
	case Fish:
		return command + " | source"
	case PowerShell:
		return command + " | Out-String | Invoke-Expression"
	case Cmd:
		return command + ` > "%TEMP%\detour-env.cmd" && call "%TEMP%\detour-env.cmd"`
	case Sh:
	}
	return `eval "$(` + command + `)"`
}

// ParseShell reads a shell's name.
func ParseShell(s string) (Shell, bool) {
	switch s {
	case "bash", "zsh", "dash", "ksh":
		return Sh, true
	case "pwsh":
		return PowerShell, true
	}
	return Shell(s), slices.Contains(Shells(), Shell(s))
}

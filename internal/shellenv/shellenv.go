// Package shellenv writes the shell lines that make programs use a proxy ([Set]) and those
// that undo it ([Unset]). [Proxy.Variables] are the variables to set. The package is pure:
// the environment is passed in.
package shellenv

import (
	"fmt"
	"slices"
	"strings"
)

// A Shell is a syntax for assignments.
type Shell string

// The known shells.
const (
	Sh         Shell = "sh" // bash, zsh, dash, ksh
	Fish       Shell = "fish"
	PowerShell Shell = "powershell"
	Cmd        Shell = "cmd"
)

// Shells returns the known shells.
func Shells() []Shell { return []Shell{Sh, Fish, PowerShell, Cmd} }

// Detect returns the shell that a program was called from. shell is its path or name, as SHELL
// has it; on Windows "" means PowerShell, which is the usual one.
func Detect(goos, shell string) Shell {
	name := strings.TrimSuffix(shell[strings.LastIndexAny(shell, `/\`)+1:], ".exe")
	switch {
	case name == "fish":
		return Fish
	case name == "cmd":
		return Cmd
	case name == "pwsh" || name == "powershell", goos == "windows" && name == "":
		return PowerShell
	}
	return Sh
}

// A Variable is one to set.
type Variable struct{ Name, Value string }

// saved is the prefix of the variables with the values from before. The shell copies them
// itself, so that they are on no screen and in no file.
const saved = "DETOUR_SAVED_"

// Set returns the lines that set vars. They save what has a value already, unless that
// value is from an earlier call; isSet says what has one.
func Set(s Shell, vars []Variable, isSet func(name string) bool) string {
	var b strings.Builder
	utf8 := s == Cmd && slices.ContainsFunc(vars, func(v Variable) bool { return !isASCII(v.Value) })
	if utf8 {
		b.WriteString(utf8Begin)
	}
	for _, v := range vars {
		if isSet(v.Name) && !isSet(Mark) {
			s.copy(&b, saved+v.Name, v.Name)
		}
		s.assign(&b, v)
	}
	s.assign(&b, Variable{Mark, "1"})
	if utf8 {
		b.WriteString(utf8End)
	}
	return b.String()
}

// Mark is a variable that is set while Set's lines are in effect. The names of the saved
// variables begin with it, too.
const Mark = "DETOUR_SAVED"

// Before returns the environment from before Set's lines took effect; ok is false if they
// haven't.
func Before(env func(name string) string) (was func(name string) string, ok bool) {
	return func(name string) string { return env(saved + name) }, env(Mark) != ""
}

// Unset returns the lines that restore the variables' values from before.
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

// copy makes the shell copy a variable.
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

// Quote returns a value in a form that the shell reads unchanged. For cmd it has no quotes:
// within set "NAME=VALUE" in a batch file only the percent sign has a meaning, and no path
// can contain a quote.
func (s Shell) Quote(v string) string {
	switch s {
	case Fish:
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
	case PowerShell:
		return powerShell(v)
	case Cmd:
		return strings.NewReplacer("%", "%%", `"`, "", "\r", "", "\n", "").Replace(v)
	case Sh:
	}
	return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
}

// Use returns the line that makes the shell run what command prints.
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

// ParseShell returns the shell with a name, such as bash; false if it isn't known.
func ParseShell(s string) (Shell, bool) {
	switch s {
	case "bash", "zsh", "dash", "ksh":
		return Sh, true
	case "pwsh":
		return PowerShell, true
	}
	return Shell(s), slices.Contains(Shells(), Shell(s))
}

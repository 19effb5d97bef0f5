package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/nearest"
	"detour/internal/usererr"
)

// noArguments is the Args of a command without arguments.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := c.CommandPath() + " --help"
	if near := nearest.Word(args[0], helped(c)); near != "" {
		hint = "did you mean " + c.CommandPath() + " " + near + "? " + hint
	}
	return usage(hint, "%s takes no arguments, got %q", c.CommandPath(), args[0])
}

// flagMistake is the error for a flag on the command line that can't be parsed.
func flagMistake(c *cobra.Command, err error) error {
	hint := c.CommandPath() + " --help lists the flags"
	var unknown *pflag.NotExistError
	var lacks *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		if near := nearest.Word(unknown.GetSpecifiedName(), flagNames(c)); near != "" {
			hint = "did you mean --" + near + "? " + hint
		}
	case errors.As(err, &lacks):
		_, does := pflag.UnquoteUsage(lacks.GetFlag())
		return flagUsage(lacks.GetFlag().Name, does, "--%s needs a value", lacks.GetFlag().Name)
	}
	if f, what := wrongValue(err); f != nil {
		if f.Value.Type() == "bool" {
			hint = fmt.Sprintf("--%s, or --%s=false", f.Name, f.Name)
		}
		return flagUsage(f.Name, hint, "--%s%s", f.Name, what)
	}
	return usage(hint, "%w", err)
}

// flagNames are the flags that a command takes.
func flagNames(c *cobra.Command) (out []string) {
	add := func(f *pflag.Flag) {
		if !f.Hidden && !slices.Contains(out, f.Name) {
			out = append(out, f.Name)
		}
	}
	c.Flags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	return out
}

// wrongValue is the flag whose value can't be parsed, and what follows its name in the
// error: the value and what is wrong with it, not in the words of Go's parsers. f is nil
// if err is another error.
func wrongValue(err error) (f *pflag.Flag, what string) {
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return nil, ""
	}
	switch f = wrong.GetFlag(); f.Value.Type() {
	case "bool":
		what = "is neither true nor false"
	case "int":
		what = "isn't a whole number"
	default:
		return f, fmt.Sprintf(": %v", wrong.Unwrap())
	}
	return f, fmt.Sprintf(" %q %s", wrong.GetValue(), what)
}

// noDirectory refuses a directory where a file is expected, and a file that doesn't exist.
func noDirectory(path, hint string) error {
	info, err := os.Stat(path)
	if err != nil {
		return usage(hint, "can't read %s: %w", path, usererr.FileCause(err))
	}
	if info.IsDir() {
		return usage(hint, "%s is a directory", path)
	}
	return nil
}

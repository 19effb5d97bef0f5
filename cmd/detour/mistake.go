package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"detour/internal/config"
)

// noArguments is for commands that take none.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := c.CommandPath() + " --help"
	if near := config.Nearest(args[0], helped(c)); near != "" {
		hint = "did you mean " + c.CommandPath() + " " + near + "? " + hint
	}
	return usage(hint, "%s takes no argument %q", c.CommandPath(), args[0])
}

// flagMistake says what is wrong with a flag on the command line.
func flagMistake(c *cobra.Command, err error) error {
	hint := c.CommandPath() + " --help lists the flags"
	var unknown *pflag.NotExistError
	var lacks *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		if near := config.Nearest(unknown.GetSpecifiedName(), flagNames(c)); near != "" {
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

// wrongValue is the flag whose value can't be read, and what to put after its name: the
// value and what is wrong with it, not in the words of Go's parsers. It is nil if err is
// another mistake.
func wrongValue(err error) (f *pflag.Flag, what string) {
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return nil, ""
	}
	switch f = wrong.GetFlag(); f.Value.Type() {
	case "bool":
		what = "is neither true nor false"
	case "int":
		what = "is no whole number"
	default:
		return f, fmt.Sprintf(": %v", wrong.Unwrap())
	}
	return f, fmt.Sprintf(" %q %s", wrong.GetValue(), what)
}

// cantWrite is that a file, or a directory of them, can't be written, and what to do
// about it. err's own words name the file that was tried, which may be one aside.
func cantWrite(path string, err error) *userError {
	dir, cause := filepath.Dir(path), rootCause(err)
	hint := "name another place"
	switch info, serr := os.Stat(path); {
	case serr == nil && info.IsDir() && errors.Is(err, fs.ErrExist), errors.Is(err, syscall.EISDIR):
		cause, hint = errors.New("it is a directory"), "name a file in it"
	case errors.Is(err, fs.ErrNotExist) && isThere(dir): // as in /proc
	case errors.Is(err, fs.ErrNotExist):
		hint = "there is no directory " + dir + ": make it, or name another"
	case errors.Is(err, syscall.ENOTDIR):
		hint = "a file is where a directory has to be; name another place"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		hint = "you may not write there; name another place"
	case errors.Is(err, syscall.ENOSPC):
		hint = "the disk is full: make room, or name another place"
	}
	return &userError{err: fmt.Errorf("can't write %s: %w", path, cause), hint: hint, code: exitFailed}
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// rootCause is the system's word on what went wrong with a file, without the file.
func rootCause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// noDirectory refuses a directory where a file is wanted, and says that a file isn't
// there before anything else is done for it.
func noDirectory(path, hint string) error {
	info, err := os.Stat(path)
	if err != nil {
		return usage(hint, "can't read %s: %w", path, rootCause(err))
	}
	if info.IsDir() {
		return usage(hint, "%s is a directory", path)
	}
	return nil
}

// inOneLine is an error with what to do about it, for the table's one line.
func inOneLine(err error) error {
	var ue *userError
	if !errors.As(err, &ue) || ue.hint == "" {
		return err
	}
	return fmt.Errorf("%w; %s", ue.err, ue.hint)
}

// Package usererr tells a person what is wrong and what to do about it. A package returns
// an [Error]: a sentence, a hint and a class. The command line prints it, and chooses the
// exit code by the class.
package usererr

import (
	"errors"
	"fmt"
)

// A Class says how a command ends if it fails.
type Class int

// The classes. The zero value is Fail.
const (
	Fail  Class = iota // the command could not do what it was asked
	Usage              // a flag, an argument, a variable or a setting is wrong
)

// An Error is an error with a hint. It is immutable.
type Error struct {
	Err   error  // one sentence, lower case, without a full stop
	Hint  string // what to do; "": nothing is known
	Class Class
	Flags []string // the flags that it is about, without dashes; nil: none
}

// Error returns the sentence.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error without its hint.
func (e *Error) Unwrap() error { return e.Err }

// Failf returns an Error of class Fail. format may wrap an error with %w.
func Failf(hint, format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Hint: hint, Class: Fail}
}

// Usagef returns an Error of class Usage. format may wrap an error with %w.
func Usagef(hint, format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Hint: hint, Class: Usage}
}

// Flagf returns an Error of class Usage in the value of a flag, which may come from
// the environment or the configuration file. format may wrap an error with %w.
func Flagf(flag, hint, format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Hint: hint, Class: Usage, Flags: []string{flag}}
}

// Conflict returns an Error of class Usage for two flags that exclude each other.
func Conflict(a, b, text string) error {
	return &Error{Err: errors.New(text), Hint: "take one of them", Class: Usage, Flags: []string{a, b}}
}

// As returns the outermost Error in err's chain; nil if there is none.
func As(err error) *Error {
	var e *Error
	errors.As(err, &e)
	return e
}

// InOneLine returns err with its hint as one sentence, for a place that shows one line.
func InOneLine(err error) error {
	e := As(err)
	if e == nil || e.Hint == "" {
		return err
	}
	return fmt.Errorf("%w; %s", e.Err, e.Hint)
}

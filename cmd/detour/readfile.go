package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/intake"
)

// fileHint says what files are read.
const fileHint = "a capture of detour's, its JSON Lines or bundle, or a HAR: developer tools, Network, save all as HAR"

// oneFile accepts one argument. example is how it is given.
func oneFile(example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage(example, "one file is required, got %d", len(args))
		}
		return nil
	}
}

// reader reads files for a command: - is its stdin, and stderr takes notices.
func reader(c *cobra.Command, tables *aws.Tables) intake.Reader {
	return intake.Reader{
		Tables: tables, Stdin: c.InOrStdin(), Progress: counting(c.ErrOrStderr(), "flows read"),
		Notice: func(n intake.Notice) { fmt.Fprintf(c.ErrOrStderr(), "detour: %s: %s\n", n.Path, n.Text) },
	}
}

// errUnread ends a command that did its work without some flows of a file, and has reported that.
var errUnread = errors.New("a part of a file couldn't be read")

// unread returns errUnread if a part of the files couldn't be read.
func unread(files ...*flow.Capture) error {
	for _, f := range files {
		if !f.Unread.None() {
			return errUnread
		}
	}
	return nil
}

// readFile reads a file. The error has a hint.
func readFile(ctx context.Context, r intake.Reader, path string) (*flow.Capture, error) {
	if path != "-" || r.Stdin == nil {
		if err := noDirectory(path, fileHint); err != nil {
			return nil, err
		}
	}
	got, err := r.Read(ctx, path)
	var wrong *intake.Error
	switch {
	case !errors.As(err, &wrong):
		return got, err
	case wrong.Reason == intake.NotOpened:
		return nil, usage(fileHint, "%w", err)
	case wrong.Reason == intake.Damaged:
		return nil, failed("sqlite3 FILE .recover may save what is left of a damaged file", "%w", err)
	case wrong.Reason == intake.NoLog:
		return nil, failed("copy both files, or open the capture where it is", "%w", err)
	}
	return nil, failed(cmp.Or(wrong.Hint(), fileHint), "%w", err)
}

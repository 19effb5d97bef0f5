package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"golang.org/x/term"
)

// A descriptor is an open file, or wraps one.
type descriptor interface{ Fd() uintptr }

// onTerminal reports whether what is read or written is a terminal.
func onTerminal(rw any) bool {
	f, ok := rw.(descriptor)
	return ok && term.IsTerminal(int(f.Fd())) //nolint:gosec // a descriptor is a small number
}

// canShow returns why the table can't be shown on a writer; nil if nothing speaks
// against it. instead says what to do without the table.
func canShow(w io.Writer, instead string) error {
	if !onTerminal(w) {
		return failed(instead, "stdout isn't a terminal, which the table needs")
	}
	if kind := os.Getenv("TERM"); runtime.GOOS != "windows" && (kind == "" || kind == "dumb") {
		return failed("if it can move the cursor, set TERM=xterm-256color; otherwise "+instead,
			"the table needs a terminal that can move the cursor, and TERM=%s can't", kind)
	}
	return nil
}

// notShown returns the error of a table that could not be shown; nil if err is nil.
func notShown(err error, instead string) error {
	if err == nil {
		return nil
	}
	return failed("set TERM to your terminal's type, usually xterm-256color; otherwise "+instead,
		"can't show the table with TERM=%s: %w", os.Getenv("TERM"), err)
}

// terminalSize is the size of a terminal; 0 and 0 if w isn't one.
func terminalSize(w io.Writer) (width, height int) {
	f, ok := w.(descriptor)
	if !ok {
		return 0, 0
	}
	width, height, err := term.GetSize(int(f.Fd())) //nolint:gosec // a descriptor is a small number
	if err != nil {
		return 0, 0
	}
	return width, height
}

// counting returns a counter of steps, which shows the count on a terminal if they take
// longer than a second. Adding 0 removes the count.
func counting(w io.Writer, what string) func(n int) {
	w = terminalOf(w)
	if !onTerminal(w) {
		return func(int) {}
	}
	done, shown, next := 0, false, time.Now().Add(time.Second)
	return func(n int) {
		done += n
		if n == 0 && shown {
			fmt.Fprint(w, "\r\x1b[K")
		}
		if n > 0 && done%1000 == 0 && time.Now().After(next) {
			fmt.Fprintf(w, "\r%d %s", done, what)
			shown, next = true, time.Now().Add(200*time.Millisecond)
		}
	}
}

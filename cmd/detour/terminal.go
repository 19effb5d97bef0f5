package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"golang.org/x/term"
)

// A descriptor is an open file, or what stands for one.
type descriptor interface{ Fd() uintptr }

// onTerminal reports whether what is read or written is a terminal.
func onTerminal(rw any) bool {
	f, ok := rw.(descriptor)
	return ok && term.IsTerminal(int(f.Fd())) //nolint:gosec // a descriptor is a small number
}

// canShow is why the table can't be shown on what is written to; nil if it can, as far
// as can be told before.
func canShow(w io.Writer, instead string) error {
	if !onTerminal(w) {
		return failed(instead, "there is no terminal to show the table on")
	}
	if kind := os.Getenv("TERM"); runtime.GOOS != "windows" && (kind == "" || kind == "dumb") {
		return failed("if it can: TERM=xterm-256color; otherwise "+instead, "TERM=%s is a terminal that can't move the cursor, as the table has to", kind)
	}
	return nil
}

// notShown is that the table couldn't be shown.
func notShown(err error, instead string) error {
	if err == nil {
		return nil
	}
	return failed("TERM says what the terminal is, xterm-256color as a rule; otherwise "+instead, "can't show the table with TERM=%s: %w", os.Getenv("TERM"), err)
}

// terminalSize is how large a terminal is; 0 and 0 if w isn't one.
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

// counting returns what counts the steps of something long. From the second second
// on it shows the count on a terminal, until it is told of no step more.
func counting(w io.Writer, what string) func(n int) {
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

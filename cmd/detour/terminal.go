package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// onTerminal reports whether what is read or written is a terminal.
func onTerminal(rw any) bool {
	f, ok := rw.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) //nolint:gosec // a descriptor is a small number
}

// terminalSize is how large a terminal is; 0 and 0 if w isn't one.
func terminalSize(w io.Writer) (width, height int) {
	f, ok := w.(*os.File)
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

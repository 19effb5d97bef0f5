package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"

	"detour/internal/clipboard"
	"detour/ui"
)

// copying are the table's actions for what is copied.
func copying(act *ui.Actions) {
	act.Copy = clipboard.System{GOOS: runtime.GOOS, Env: os.Getenv, Look: exec.LookPath}.Copy
	act.Print = func(ctx context.Context, text string) error {
		tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
		if err != nil { // Windows has none
			return printToSelect(ctx, os.Stdin, os.Stdout, text)
		}
		defer tty.Close()
		return printToSelect(ctx, tty, tty, text)
	}
}

// printToSelect writes text to a terminal, and returns after a line was entered, or ctx ended.
// The terminal wraps long lines itself, so selecting one selects all of it.
func printToSelect(ctx context.Context, in io.Reader, out io.Writer, text string) error {
	if _, err := fmt.Fprintf(out, "\n%s\ndetour: select the text above with the mouse; Enter returns to the table ", text); err != nil {
		return err
	}
	entered := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(in).ReadString('\n')
		entered <- err
	}()
	select {
	case err := <-entered:
		return err
	case <-ctx.Done():
		return nil
	}
}

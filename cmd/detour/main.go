// Command detour is a local forward proxy and traffic inspector for the AWS
// Management Console: it tells which requests of a page leave by another road
// than the console itself, and where on that road they get stuck.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"detour/internal/intake"
	"detour/internal/usererr"
)

// Exit codes, the same for all commands.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitProblems    = 3 // it ran, and found problems
	exitInterrupted = 130
)

// exitCodes says what each means.
var exitCodes = []struct {
	code    int
	meaning string
}{
	{exitDone, "it did what was asked, and nothing is wrong"},
	{exitFailed, "it couldn't: stderr says why, and what to do"},
	{exitUsage, "a flag, an argument, a variable or a setting is wrong: nothing was done"},
	{exitProblems, "it ran, and found problems: probe, scan, diagnose, diff, doctor"},
	{exitInterrupted, "a second Ctrl-C or SIGTERM ended it at once; the first one ends it in good order, with 0"},
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. The first signal asks for a tidy end, a second one ends it
// at once.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup has it ignored
		signal.Notify(signals, syscall.SIGHUP)
	}
	defer signal.Stop(signals)
	// Whoever reads stdout may go. Without this the process would die of it on the
	// spot, and leave its browser behind.
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE)
	defer signal.Stop(pipe)
	go func() {
		for range 2 {
			select {
			case <-signals:
			case <-ctx.Done():
				return
			}
			if ctx.Err() != nil {
				os.Exit(exitInterrupted)
			}
			cancel()
		}
	}()
	out := &output{Writer: stdout}
	cmd := rootCommand(out, stderr)
	cmd.SetArgs(args)
	return exitCode(stderr, out.judge(cmd.ExecuteContext(ctx)))
}

// errProblems ends a command that ran and found problems, which it has told.
var errProblems = errors.New("problems were found")

// usage is a mistake in what was given; hint says what to do.
func usage(hint, format string, args ...any) error { return usererr.Usagef(hint, format, args...) }

// flagUsage is a usage error in the value of a flag, which may come from the
// environment or the configuration file.
func flagUsage(flag, hint, format string, args ...any) error {
	return usererr.Flagf(flag, hint, format, args...)
}

// conflict is a usage error of two flags that exclude each other.
func conflict(a, b, text string) error { return usererr.Conflict(a, b, text) }

// failed is that the command could not do what it was asked; hint says what to do.
func failed(hint, format string, args ...any) error { return usererr.Failf(hint, format, args...) }

// elsewhere is what to do about an error that nobody expected.
const elsewhere = "detour doctor says what of this machine may be in the way"

// exitCode prints an error as one sentence and what to do about it.
func exitCode(stderr io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	if errors.Is(err, errProblems) {
		return exitProblems
	}
	text := intake.New(intake.Config{}).Text // an error may quote what somebody typed, or a server's words
	fmt.Fprintf(stderr, "detour: %s\n", text(err.Error()))
	hint, code := "", exitFailed
	if ue := usererr.As(err); ue != nil {
		hint = ue.Hint
		if ue.Class == usererr.Usage {
			code = exitUsage
		}
	}
	fmt.Fprintf(stderr, "hint: %s\n", text(cmp.Or(hint, elsewhere)))
	return code
}

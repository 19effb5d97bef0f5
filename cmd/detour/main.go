// Command detour is a local forward proxy and traffic inspector for the AWS Management
// Console: it shows which requests bypass the console's servers and go straight to a
// service endpoint, and where they fail: DNS, TCP, TLS or the response.
//
// This package is the command line alone. Each command is in a file cmd_*.go, the flags
// that several of them share are in flags_*.go, and the table's actions in table_*.go.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"detour/internal/flow"
	"detour/internal/heapfloor"
	"detour/internal/interrupt"
	"detour/internal/spareprocessor"
	"detour/internal/stdout"
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

// exitCodes are the exit codes and what they mean.
var exitCodes = []struct {
	code    int
	meaning string
}{
	{exitDone, "success: no problems were found"},
	{exitFailed, "failure, or a part of a file couldn't be read, saved or sent: stderr says why, and what to do"},
	{exitUsage, "usage error in a flag, an argument, a variable or a setting: nothing was done"},
	{exitProblems, "problems were found (probe, scan, diagnose, diff, doctor, account check), or hosts still fail (watch)"},
	{exitInterrupted, "interrupted by Ctrl-C or SIGTERM; run, demo and open end cleanly with 0, watch with 3, and at once with a second one"},
}

func main() {
	spareprocessor.Add()
	release := heapfloor.Hold()
	code := run(os.Args[1:], os.Stdout, os.Stderr)
	release()
	os.Exit(code)
}

// run is the program.
func run(args []string, to, stderr io.Writer) int {
	ctx, signals, stop := interrupt.New(func() { os.Exit(exitInterrupted) })
	defer stop()
	// The reader of stdout may exit. Without this, SIGPIPE would kill the process, which
	// would leave its browser behind.
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE)
	defer signal.Stop(pipe)
	// net/http logs unexpected bytes of a server with the standard logger: they may be a
	// secret, and would be printed over the table.
	log.SetOutput(io.Discard)
	out := &stdout.Writer{Writer: to}
	stderr = newMessages(stderr)
	cmd := rootCommand(out, stderr)
	cmd.SetArgs(args)
	err := out.Judge(cmd.ExecuteContext(ctx))
	if signals.Interrupted() {
		return exitInterrupted // whatever it returns, that is the reason
	}
	return exitCode(stderr, err)
}

// errProblems ends a command that found problems and has printed them.
var errProblems = errors.New("problems were found")

// usage returns a usage error; hint says what to do.
func usage(hint, format string, args ...any) error { return usererr.Usagef(hint, format, args...) }

// flagUsage returns a usage error in the value of a flag, which may come from the
// environment or the configuration file.
func flagUsage(flag, hint, format string, args ...any) error {
	return usererr.Flagf(flag, hint, format, args...)
}

// conflict returns a usage error for two flags that exclude each other.
func conflict(a, b, text string) error { return usererr.Conflict(a, b, text) }

// failed returns the error of a command that could not do its job; hint says what to do.
func failed(hint, format string, args ...any) error { return usererr.Failf(hint, format, args...) }

// elsewhere is the hint for an unexpected error.
const elsewhere = "detour doctor checks this machine for what would stop detour from working"

// exitCode prints an error as one sentence and its hint, and returns its exit code.
func exitCode(stderr io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	if errors.Is(err, errProblems) {
		return exitProblems
	}
	if errors.Is(err, errUnread) || errors.Is(err, errUnsaved) {
		return exitFailed
	}
	// It may quote a path or a server's words, and is one line.
	fmt.Fprintf(stderr, "detour: %s\n", flow.Printable(err.Error()))
	hint, code := "", exitFailed
	if ue := usererr.As(err); ue != nil {
		hint = ue.Hint
		if ue.Class == usererr.Usage {
			code = exitUsage
		}
	}
	fmt.Fprintf(stderr, "hint: %s\n", flow.Printable(cmp.Or(hint, elsewhere)))
	return code
}

package truststore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// A Runner runs a command and returns what it wrote to stdout. A command that ran
// and failed is an *ExitError.
type Runner func(ctx context.Context, args []string) (stdout []byte, err error)

// An ExitError is the failure of a command that ran.
type ExitError struct {
	Program string
	Code    int
	Stderr  string
}

func (e *ExitError) Error() string {
	text, _, _ := strings.Cut(strings.TrimSpace(e.Stderr), "\n")
	if text == "" {
		text = "it gave no reason"
	}
	return fmt.Sprintf("%s exited with %d: %s", e.Program, e.Code, text)
}

// Run is the Runner for this machine. Programs that need a password ask for it on the
// terminal.
func Run(ctx context.Context, args []string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = &ExitError{Program: filepath.Base(args[0]), Code: exit.ExitCode(), Stderr: stderr.String()}
	}
	return stdout.Bytes(), err
}

// exitCode is the exit code of a command that ran and failed; 0 for every other error.
func exitCode(err error) int {
	var exit *ExitError
	if errors.As(err, &exit) {
		return exit.Code
	}
	return 0
}

// Shell returns a command as a line for this system's shells: on Windows for cmd and PowerShell,
// elsewhere for a POSIX shell.
func Shell(args []string) string {
	if runtime.GOOS == "windows" {
		return windowsLine(args)
	}
	return posixLine(args)
}

// windowsLine quotes what has a blank or a character that ends a word, as both shells do.
func windowsLine(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = a
		if a == "" || strings.ContainsAny(a, " \t&|<>^();,'") {
			quoted[i] = `"` + a + `"`
		}
	}
	return strings.Join(quoted, " ")
}

func posixLine(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = a
		if a == "" || strings.ContainsFunc(a, special) {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// special reports whether r may have a meaning for a shell.
func special(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !letter && !strings.ContainsRune("-_./:,=+@%", r)
}

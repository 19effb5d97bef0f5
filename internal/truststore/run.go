package truststore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Runner runs a command and returns what it wrote to stdout. A command that ran
// and failed is an *ExitError.
type Runner func(ctx context.Context, args []string) (stdout []byte, err error)

// An ExitError is a command's own word that it failed.
type ExitError struct {
	Program string
	Code    int
	Stderr  string
}

func (e *ExitError) Error() string {
	text, _, _ := strings.Cut(strings.TrimSpace(e.Stderr), "\n")
	if text == "" {
		text = "no word of why"
	}
	return fmt.Sprintf("%s ended with %d: %s", e.Program, e.Code, text)
}

// Run is the Runner of this machine. Programs that ask for a password ask at the
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

// exitCode is that of a command which ran and failed; 0 for every other error.
func exitCode(err error) int {
	var exit *ExitError
	if errors.As(err, &exit) {
		return exit.Code
	}
	return 0
}

// Shell writes a command as a person types it into a POSIX shell.
func Shell(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = a
		if a == "" || strings.ContainsFunc(a, special) {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// special reports whether a shell may read r as more than itself.
func special(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !letter && !strings.ContainsRune("-_./:,=+@%", r)
}

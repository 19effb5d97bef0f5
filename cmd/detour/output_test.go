package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"detour/internal/errno"
)

// A full takes nothing.
type full struct{ why error }

func (f full) Write([]byte) (int, error) { return 0, f.why }

func TestOutput_whatDoesNotGetThereIsAFailure(t *testing.T) {
	shortHome(t)
	for _, args := range [][]string{{"version"}, {"--version"}, {"help"}, {"help", "filters"}, {"completion", "zsh"}, {"probe", "--help"}} {
		var errs bytes.Buffer
		if code := run(args, full{&os.PathError{Op: "write", Path: "/dev/stdout", Err: errno.DiskFull}}, &errs); code != exitFailed || !strings.HasPrefix(errs.String(), "detour: can't write to stdout: "+errno.DiskFull.Error()) || !strings.Contains(errs.String(), "\nhint: ") {
			t.Errorf("%q: exit %d: %s", args, code, &errs)
		}
		errs.Reset()
		if code := run(args, full{&os.PathError{Op: "write", Path: "/dev/stdout", Err: errno.BrokenPipe}}, &errs); code != exitDone || errs.Len() > 0 {
			t.Errorf("%q into what is closed: exit %d: %s", args, code, &errs)
		}
	}
}

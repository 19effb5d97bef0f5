// Package stdout notices when what a command writes doesn't arrive ([Writer]).
package stdout

import (
	"io"
	"sync"

	"detour/internal/errno"
	"detour/internal/usererr"
)

// A Writer is stdout. It remembers the first error of a write: cobra ignores them when
// it prints help or a version, and a script must not take truncated output for complete.
type Writer struct {
	io.Writer

	mu  sync.Mutex
	err error // the first
}

// Write implements io.Writer.
func (o *Writer) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err == nil {
			o.err = err
		}
	}
	return n, err
}

// Fd is the descriptor of the file, which tells whether it is a terminal.
func (o *Writer) Fd() uintptr {
	if f, ok := o.Writer.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// Judge returns the error of a command that returned err. It is not an error that the
// reader of stdout has exited, as head does when it has enough.
func (o *Writer) Judge(err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.err == nil:
		return err
	case errno.IsReaderGone(o.err):
		if errno.IsReaderGone(err) {
			return nil
		}
		return err
	}
	hint := "the output is incomplete"
	if errno.IsDiskFull(o.err) {
		hint = "the disk is full; " + hint
	}
	return usererr.Failf(hint, "can't write to stdout: %w", usererr.FileCause(o.err))
}

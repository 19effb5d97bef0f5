package main

import (
	"errors"
	"io"
	"sync"
	"syscall"

	"detour/internal/usererr"
)

// An output is stdout. It remembers what went wrong with it, since what prints help, a
// version or a page doesn't look, and a script must not take half of it for the whole.
type output struct {
	io.Writer

	mu  sync.Mutex
	err error // the first
}

func (o *output) Write(b []byte) (int, error) {
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

// Fd is the descriptor of what is written to, by which a terminal is known.
func (o *output) Fd() uintptr {
	if f, ok := o.Writer.(descriptor); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// judge is how a command ended that ended with err. That whoever read stdout has gone
// is no mistake: head has what it wants.
func (o *output) judge(err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.err == nil:
		return err
	case errors.Is(o.err, syscall.EPIPE):
		if errors.Is(err, syscall.EPIPE) {
			return nil
		}
		return err
	}
	hint := "what was written of it is not the whole"
	if errors.Is(o.err, syscall.ENOSPC) {
		hint = "the disk is full; " + hint
	}
	return failed(hint, "can't write to stdout: %w", usererr.FileCause(o.err))
}

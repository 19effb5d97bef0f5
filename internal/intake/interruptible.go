package intake

import (
	"context"
	"errors"
	"io"
	"os"
)

// readable refuses files from which reading makes no sense. A pipe is read: a shell passes
// the output of a command as one, as in <(command).
func readable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return bare(err)
	}
	switch mode := info.Mode(); {
	case mode&os.ModeSocket != 0:
		return errors.New("it is a socket, not a file")
	case mode&os.ModeDevice != 0:
		return errors.New("it is a device, not a file; - stands for stdin")
	}
	return nil
}

// An interruptible opens and reads a file that may be a pipe: both can block, and both end with
// ctx. What was begun then goes on in the background.
type interruptible struct {
	ctx    context.Context //nolint:containedctx // an io.Reader can't be given one
	opener func() (io.ReadCloser, error)
	asked  chan []byte
	got    chan read
	space  []byte // for what is read
	buf    []byte // what was read and not returned yet
	err    error  // after buf
}

// A read is the result of opening or reading.
type read struct {
	b   []byte
	err error
}

func newInterruptible(ctx context.Context, open func() (io.ReadCloser, error)) *interruptible {
	r := &interruptible{ctx: ctx, opener: open, asked: make(chan []byte, 1), got: make(chan read, 1)}
	go r.run()
	return r
}

// run opens the file and reads when it is asked, until asked is closed.
func (r *interruptible) run() {
	f, err := r.opener()
	r.got <- read{err: err}
	if err != nil {
		return
	}
	defer f.Close()
	for b := range r.asked {
		n, err := f.Read(b)
		if err != nil { // closed before anybody learns that it is read: the file may be replaced then
			_ = f.Close()
		}
		r.got <- read{b[:n], err}
	}
}

// open waits until the file is open.
func (r *interruptible) open() error {
	select {
	case got := <-r.got:
		return got.err
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// Close ends the reading in the background. It doesn't wait for it.
func (r *interruptible) Close() { close(r.asked) }

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if len(r.buf) == 0 && r.err == nil {
		if r.space == nil {
			r.space = make([]byte, 1<<16)
		}
		r.asked <- r.space // nothing of it is in buf any more
		select {
		case got := <-r.got:
			r.buf, r.err = got.b, got.err
		case <-r.ctx.Done():
			return 0, r.ctx.Err()
		}
	}
	n := copy(p, r.buf)
	r.buf = r.buf[n:]
	if len(r.buf) > 0 || r.err == nil {
		return n, nil
	}
	return n, r.err
}

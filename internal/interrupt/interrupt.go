// Package interrupt decides what signals do to a command.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// grace is how long a command that isn't a run may continue after the first signal, so
// that it removes its temporary files.
const grace = 500 * time.Millisecond

// sameInterrupt is how long further signals count as the first one: timeout(1) and wrappers send it
// to the process and to its group, and a person doesn't press Ctrl-C twice that fast.
const sameInterrupt = 150 * time.Millisecond

// An Interruption is what signals do to a command: the first one ends its context, a second
// one the program. A command that isn't a run ends soon after the first one, even if it is
// blocked by a pipe or a server.
type Interruption struct {
	signals chan os.Signal
	cancel  context.CancelFunc
	done    chan struct{}
	came    atomic.Bool // a signal did
	serves  atomic.Bool // the first signal is the normal end, which may take a while
	exit    func()

	mu   sync.Mutex
	undo map[*func()]bool // see Undo
}

// key is the key of an Interruption in a command's context.
type key struct{}

// New returns a context that ends with the first signal. exit ends the program with the exit
// code of an interrupted command. stop ends the handling of signals.
func New(exit func()) (ctx context.Context, in *Interruption, stop func()) {
	in = &Interruption{signals: make(chan os.Signal, 2), done: make(chan struct{}), exit: exit}
	ctx, in.cancel = context.WithCancel(context.WithValue(context.Background(), key{}, in))
	signal.Notify(in.signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup has it ignored
		signal.Notify(in.signals, syscall.SIGHUP)
	}
	go in.handle()
	return ctx, in, func() {
		signal.Stop(in.signals)
		close(in.done)
		in.cancel()
	}
}

func (in *Interruption) handle() {
	select {
	case <-in.signals:
	case <-in.done:
		return
	}
	first := time.Now()
	in.came.Store(true)
	in.cancel()
	var over <-chan time.Time
	if !in.serves.Load() {
		over = time.After(grace)
	}
	for waiting := true; waiting; {
		select {
		case <-in.signals:
			waiting = time.Since(first) < sameInterrupt
		case <-over:
			waiting = false
		case <-in.done:
			return
		}
	}
	in.undoAll()
	in.exit()
}

// undoTime is how long all that is undone before the end may take: a file system may be gone.
const undoTime = 500 * time.Millisecond

// undoAll calls what Undo was given.
func (in *Interruption) undoAll() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		in.mu.Lock()
		defer in.mu.Unlock()
		for f := range in.undo {
			(*f)()
		}
	}()
	select {
	case <-done:
	case <-time.After(undoTime):
	}
}

// Undo has f called if signals end the program before done is called: its deferred functions aren't
// called then.
func Undo(ctx context.Context, f func()) (done func()) {
	in, ok := ctx.Value(key{}).(*Interruption)
	if !ok {
		return func() {}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.undo == nil {
		in.undo = make(map[*func()]bool)
	}
	in.undo[&f] = true
	return func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		delete(in.undo, &f)
	}
}

// Unfinished returns what a function defers with its error. say is called once if a signal ends what the
// function does: then, or at the end of the program if the function is stuck, as in a write to a pipe.
func Unfinished(ctx context.Context, say func()) (end func(err *error)) {
	say = sync.OnceFunc(say)
	done := Undo(ctx, say)
	return func(err *error) {
		if done(); *err != nil && ctx.Err() != nil {
			say()
		}
	}
}

// Interrupted reports whether a signal interrupted the command.
func (in *Interruption) Interrupted() bool { return in.came.Load() && !in.serves.Load() }

// Expected says that the first signal is the normal end of a command, not an
// interruption.
func Expected(ctx context.Context) {
	if in, ok := ctx.Value(key{}).(*Interruption); ok {
		in.serves.Store(true)
	}
}

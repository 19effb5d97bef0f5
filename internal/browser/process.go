package browser

import (
	"cmp"
	"os/exec"
	"sync"
	"time"
)

// closeGrace is how long a browser may take to exit on its own and write its profile's
// state. Chromium takes well under a second.
const closeGrace = 2 * time.Second

// A Process is a running browser. Its methods may be called concurrently.
type Process struct {
	Notes []string // what the user should know of how it was started: "started without …"

	opt     Options
	profile profile
	cmd     *exec.Cmd
	done    chan struct{}
	closer  sync.Once
	gone    chan struct{}  // closed as soon as it has ended
	openers sync.WaitGroup // programs that hand it a page

	watchdog watchdog
	output   *output
	began    time.Time
	ending   Ending

	mu    sync.Mutex
	ended bool // its process ID may be another process's by now
	asked bool // Close was called
}

// An Ending is how a browser ended.
type Ending struct {
	After time.Duration // how long it ran
	// Err is what its program exited with; nil: a person closed it, or it handed its page
	// to another browser that has the profile open, which takes about a second.
	Err error
	// Output is the last that it wrote, in one line that a terminal can show; "": nothing.
	Output string
	// Asked says that Close ended it.
	Asked bool
}

// Ending returns how the browser ended. It may be called after Done.
func (p *Process) Ending() Ending { return p.ending }

// launch starts the program. discarded is the directory to remove if detour is killed; "":
// none. The caller has to call wait.
func (p *Process) launch(args []string, discarded string) error {
	out, to, err := newOutput(p.opt.Log)
	if err != nil {
		return err
	}
	defer to.Close()
	p.done, p.gone = make(chan struct{}), make(chan struct{})
	p.output, p.watchdog = out, newWatchdog(discarded)
	p.cmd = exec.Command(p.opt.Path, args...) //nolint:noctx // Close asks it to exit before it kills it
	p.cmd.Env = p.profile.environment()
	p.cmd.Stdout, p.cmd.Stderr = to, to
	grouped(p.cmd)
	p.began = time.Now()
	if err := p.watchdog.start(p.cmd); err != nil {
		p.watchdog.release()
		to.Close()
		p.output.end()
		return err
	}
	return nil
}

// Done is closed once the browser has ended and its profile, if temporary, is removed.
func (p *Process) Done() <-chan struct{} { return p.done }

// Close asks the browser to exit, kills it if it doesn't, and waits for its end. It may be
// called more than once, and after the browser has ended.
func (p *Process) Close() {
	p.closer.Do(func() {
		p.mu.Lock()
		p.asked = true
		p.mu.Unlock()
		p.signal(terminate)
		select {
		case <-p.gone:
		case <-time.After(cmp.Or(p.opt.exiting, closeGrace)):
			p.signal(killGroup)
		}
	})
	<-p.done
}

// wait returns when the browser has ended, and its helpers with it.
func (p *Process) wait() {
	err := p.cmd.Wait()
	after := time.Since(p.began)
	p.mu.Lock()
	killGroup(p.cmd) // a group keeps its ID while a process is left in it
	p.ended = true
	asked := p.asked
	p.mu.Unlock()
	p.watchdog.release()
	close(p.gone)
	p.output.end()
	p.ending = Ending{After: after, Err: err, Output: p.output.last(), Asked: asked}
}

func (p *Process) signal(send func(*exec.Cmd)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		send(p.cmd)
	}
}

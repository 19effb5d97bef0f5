package browser

import (
	"os/exec"
	"sync"
	"time"
)

// closeGrace is how long a browser may take to close by itself, writing its
// profile's state. Chromium takes well under a second.
const closeGrace = 2 * time.Second

// A Process is a browser that runs. Its methods may be called concurrently.
type Process struct {
	Notes []string // what a person should know of how it was started, "started without …"

	opt     Options
	profile profile
	cmd     *exec.Cmd
	done    chan struct{}
	closer  sync.Once
	gone    chan struct{}  // closed as soon as it has ended
	hands   sync.WaitGroup // programs that hand it a page

	leash  leash
	output *output
	began  time.Time
	ending Ending

	mu    sync.Mutex
	ended bool // its process id may be another's by now
	asked bool // it was to end
}

// An Ending is how a browser ended.
type Ending struct {
	After time.Duration // how long it ran
	// Err is what its program ended with; nil: in order, as when a person closes it, or
	// when it handed its page to another one that has its profile open, which takes a
	// second or so.
	Err error
	// Words are the last ones that it said, on one line that a terminal can show. "": none.
	Words string
	// Asked says that it was ended by us.
	Asked bool
}

// Ending says how the browser ended. It may be called after Done.
func (p *Process) Ending() Ending { return p.ending }

// launch starts the program, for a profile of which discarded is to be thrown away
// should we be killed. What is started has to be waited for.
func (p *Process) launch(args []string, discarded string) error {
	out, to, err := newOutput(p.opt.Log)
	if err != nil {
		return err
	}
	defer to.Close()
	p.done, p.gone = make(chan struct{}), make(chan struct{})
	p.output, p.leash = out, newLeash(discarded)
	p.cmd = exec.Command(p.opt.Path, args...) //nolint:noctx // Close asks it to end before it is killed
	p.cmd.Env = p.profile.environment()
	p.cmd.Stdout, p.cmd.Stderr = to, to
	ownGroup(p.cmd)
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		p.leash.release()
		to.Close()
		p.output.end()
		return err
	}
	p.leash.hold(p.cmd)
	return nil
}

// Done is closed once the browser has ended and its profile, if it was a new one,
// is gone.
func (p *Process) Done() <-chan struct{} { return p.done }

// Close ends the browser, gently and then for good, and waits for it. It may be
// called again, and after the browser has ended by itself.
func (p *Process) Close() {
	p.closer.Do(func() {
		p.mu.Lock()
		p.asked = true
		p.mu.Unlock()
		p.signal(askToEnd)
		select {
		case <-p.gone:
		case <-time.After(closeGrace):
			p.signal(endGroup)
		}
	})
	<-p.done
}

// wait returns when the browser has ended, and its helpers with it.
func (p *Process) wait() {
	err := p.cmd.Wait()
	after := time.Since(p.began)
	p.mu.Lock()
	endGroup(p.cmd) // a group keeps its number while somebody is left in it
	p.ended = true
	asked := p.asked
	p.mu.Unlock()
	p.leash.release()
	close(p.gone)
	p.output.end()
	p.ending = Ending{After: after, Err: err, Words: p.output.words(), Asked: asked}
}

func (p *Process) signal(send func(*exec.Cmd)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		send(p.cmd)
	}
}

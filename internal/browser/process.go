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

	mu    sync.Mutex
	ended bool // its process id may be another's by now
}

// launch starts the program. What is started has to be waited for.
func (p *Process) launch(args []string) error {
	p.done, p.gone = make(chan struct{}), make(chan struct{})
	p.cmd = exec.Command(p.opt.Path, args...) //nolint:noctx // Close asks it to end before it is killed
	p.cmd.Env = p.profile.environment()
	p.cmd.Stdout, p.cmd.Stderr = p.opt.Log, p.opt.Log
	p.cmd.WaitDelay = closeGrace // for a helper that keeps Log open
	ownGroup(p.cmd)
	return p.cmd.Start()
}

// Done is closed once the browser has ended and its profile, if it was a new one,
// is gone.
func (p *Process) Done() <-chan struct{} { return p.done }

// Close ends the browser, gently and then for good, and waits for it. It may be
// called again, and after the browser has ended by itself.
func (p *Process) Close() {
	p.closer.Do(func() {
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
	_ = p.cmd.Wait() // how it ended is its own affair
	p.mu.Lock()
	defer p.mu.Unlock()
	endGroup(p.cmd) // a group keeps its number while somebody is left in it
	p.ended = true
	close(p.gone)
}

func (p *Process) signal(send func(*exec.Cmd)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		send(p.cmd)
	}
}

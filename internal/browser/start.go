package browser

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// ConsoleURL is the page that opens if none is asked for.
const ConsoleURL = "https://console.aws.amazon.com/"

// Options say how to start a browser.
type Options struct {
	Path       string    // the program
	ProxyURL   string    // "http://127.0.0.1:8080"
	SPKI       string    // the key whose certificates are trusted, base64 SHA-256
	ProfileDir string    // kept; "": a new one, removed at the end
	URL        string    // "": ConsoleURL
	Log        io.Writer // the browser's own output; nil: discarded
}

// closeGrace is how long a browser may take to close by itself.
const closeGrace = 2 * time.Second

// A Process is a browser that runs. Its methods may be called concurrently.
type Process struct {
	Notes []string // what a person should know of how it was started

	cmd    *exec.Cmd
	done   chan struct{}
	closer sync.Once
}

// Start starts a browser. The end of ctx closes it.
func Start(ctx context.Context, opt Options) (*Process, error) {
	dir, temporary := opt.ProfileDir, false
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "detour-profile-"); err != nil { // mode 0700
			return nil, fmt.Errorf("browser profile: %w", err)
		}
		temporary = true
	}
	remove := func() {
		if temporary {
			_ = os.RemoveAll(dir)
		}
	}
	p := &Process{done: make(chan struct{})}
	asRoot := runtime.GOOS == "linux" && os.Geteuid() == 0
	if asRoot {
		p.Notes = append(p.Notes, "started without its sandbox: Chromium has none for root")
	}
	p.cmd = exec.Command(opt.Path, arguments(opt, dir, asRoot)...) //nolint:noctx // Close ends it gently first
	p.cmd.Stdout, p.cmd.Stderr = opt.Log, opt.Log
	p.cmd.WaitDelay = closeGrace
	ownGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		remove()
		return nil, fmt.Errorf("start browser: %w", err)
	}
	stop := context.AfterFunc(ctx, p.Close)
	go func() {
		_ = p.cmd.Wait() // how it ended is its own affair
		endGroup(p.cmd)  // its helpers, if it left any
		remove()
		stop()
		close(p.done)
	}()
	return p, nil
}

// Done is closed once the browser has ended and its profile is gone.
func (p *Process) Done() <-chan struct{} { return p.done }

// Close ends the browser, gently and then for good, and waits for it.
func (p *Process) Close() {
	p.closer.Do(func() {
		askToEnd(p.cmd)
		select {
		case <-p.done:
		case <-time.After(closeGrace):
			endGroup(p.cmd)
		}
	})
	<-p.done
}

// arguments is the command line. What is switched off would talk to its maker
// on its own, through us; nothing that protects the user is switched off.
func arguments(opt Options, profile string, asRoot bool) []string {
	url := opt.URL
	if url == "" {
		url = ConsoleURL
	}
	args := []string{
		"--user-data-dir=" + profile,
		"--proxy-server=" + opt.ProxyURL,
		"--ignore-certificate-errors-spki-list=" + opt.SPKI,
		"--no-first-run",
		"--no-default-browser-check",
		"--disable-background-networking",
		"--disable-component-update",
		"--disable-sync",
		"--disable-quic",
	}
	if asRoot {
		args = append(args, "--no-sandbox")
	}
	return append(args, url)
}

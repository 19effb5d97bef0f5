package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// Options say how to start a browser.
type Options struct {
	Path       string    // the program, as Find returns it
	ProxyURL   string    // "http://127.0.0.1:8080"
	Roots      []byte    // certificates to trust, as PEM; nil: only the system's CAs
	SPKI       string    // public keys that Chromium trusts where it can't be given Roots, as base64 SHA-256; "": none
	ProfileDir string    // kept, created if missing; "": a temporary one. A snap or flatpak, which can't use it, has its own of the same name
	URL        string    // "": ConsoleURL
	Args       []string  // further switches, after ours
	Log        io.Writer // the browser's own output; nil: discarded. Not written to after Done

	// How long a browser may take, 0 for what it has outside tests:
	trusting time.Duration // to trust Roots (Firefox); trustTimeout
	handing  time.Duration // to hand a page over; openTimeout
	exiting  time.Duration // to exit; closeGrace
}

// Start starts a browser. When ctx ends, the browser is closed, as by Close.
//
// If another run has ProfileDir open, the error is ErrInUse. If some other browser has it
// open, that browser shows the page, through its own proxy, and the one started here exits
// at once. If detour is killed, the browser ends too, and Sweep removes what is left.
func Start(ctx context.Context, opt Options) (*Process, error) {
	if opt.URL != "" && !isPage(opt.URL) {
		return nil, errNoPage
	}
	if opt.ProxyURL == "" {
		return nil, errors.New("start browser: no proxy") // it would take the system's
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("start browser: %w", err)
	}
	profile, err := newProfile(opt.Path, opt.ProfileDir)
	if err != nil {
		return nil, fmt.Errorf("browser profile: %w", err)
	}
	p := &Process{opt: opt, profile: profile}
	args, err := p.prepare(ctx)
	if err == nil {
		err = p.launch(args, p.profile.discarded())
	}
	if err != nil {
		p.profile.end()
		return nil, fmt.Errorf("start browser: %w", err)
	}
	stop := context.AfterFunc(ctx, p.Close)
	go func() {
		defer close(p.done)
		defer stop()
		p.wait()
		p.openers.Wait()
		p.profile.end()
	}()
	return p, nil
}

// prepare writes what a profile needs and returns the command line.
func (p *Process) prepare(ctx context.Context) ([]string, error) {
	dir := p.profile.dir
	if isFirefox(p.opt.Path) {
		return firefoxArguments(p.opt, dir), prepareFirefox(ctx, p.opt, dir)
	}
	home, note, err := newPrivateHome(ctx, p.profile, p.opt.Roots)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		p.Notes = append(p.Notes, "trusts a key of this run without its name constraints: "+err.Error())
	case home.dir != "":
		p.profile.home, p.opt.SPKI = home, "" // the openers' too
	}
	if note != "" {
		p.Notes = append(p.Notes, note)
	}
	if asRoot() {
		p.Notes = append(p.Notes, "started without its sandbox, which Chromium doesn't have for root; run detour as an ordinary user")
	}
	return arguments(p.opt, dir, asRoot()), nil
}

// asRoot reports whether Chromium refuses to start with its sandbox.
func asRoot() bool { return runtime.GOOS == "linux" && os.Geteuid() == 0 }

// errNoPage doesn't quote what was given: it may be a pasted secret.
var errNoPage = errors.New("open page: it isn't an http or https URL")

// isPage keeps switches and files off a browser's command line.
func isPage(url string) bool {
	return strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
}

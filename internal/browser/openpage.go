package browser

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// Errors of Process.Open that a caller may want to act on.
var (
	// ErrEnded means that the browser has ended; after Done another one can be started.
	ErrEnded = errors.New("the browser has ended")
	// ErrNotTaken means that the browser is still running and didn't take the page.
	ErrNotTaken = errors.New("the browser accepts no pages from other programs")
)

// openTimeout is how long a program may take to hand a page over. It usually takes some
// tenths of a second. A Firefox that can't reach the running one, as without a session
// bus, tries for 5 s to get the profile and then shows a dialog about it.
const openTimeout = 4 * time.Second

// Open shows a page in a new tab: it starts the browser's program once more for the same
// profile, which hands the page over and exits.
//
// If the browser ends meanwhile, the second program may become a browser itself. It is
// ended before Done, so a profile never has two browsers.
func (p *Process) Open(ctx context.Context, url string) error {
	if !isPage(url) {
		return errNoPage
	}
	opener, err := p.startOpener(url)
	if err != nil {
		return err
	}
	defer p.openers.Done()
	defer opener.Close()
	patience := time.NewTimer(cmp.Or(p.opt.handing, openTimeout))
	defer patience.Stop()
	select {
	case <-opener.gone:
	case <-patience.C:
		return ErrNotTaken
	case <-p.gone:
		return ErrEnded
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-p.gone: // and the page with it
		return ErrEnded
	default:
	}
	if !opener.cmd.ProcessState.Success() {
		return ErrNotTaken // as a headless Chromium does
	}
	return nil
}

// startOpener starts the program that hands a page over. It is one of p.openers.
func (p *Process) startOpener(url string) (*Process, error) {
	opt := p.opt
	opt.URL, opt.Log = url, nil // the browser may be writing to Log
	args := arguments(opt, p.profile.dir, asRoot())
	if isFirefox(opt.Path) {
		args = firefoxOpen(opt, p.profile.dir)
	}
	opener := &Process{opt: opt, profile: p.profile}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return nil, ErrEnded
	}
	if err := opener.launch(args, ""); err != nil {
		return nil, fmt.Errorf("open page: %w", err)
	}
	p.openers.Add(1)
	go func() {
		defer close(opener.done)
		opener.wait()
	}()
	return opener, nil
}

package browser

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Errors of Open that a caller may want to act on.
var (
	// ErrEnded says that the browser has ended; after Done another one can be started.
	ErrEnded = errors.New("the browser has ended")
	// ErrNotTaken says that the browser runs on and didn't take the page.
	ErrNotTaken = errors.New("the browser takes no page from outside")
)

// handPatience is how long a program may take to hand a page over: some tenths of a
// second. A Firefox that finds nobody to hand it to, as without a session bus, tries
// for 5 s to get the profile and then asks about it in a window, which nobody needs.
const handPatience = 4 * time.Second

// Open has the browser show a page in a new tab, by starting its program once more
// for the profile: it hands the page over and ends.
//
// Should the browser end meanwhile, the program that was to hand the page over may
// become a browser itself. It is ended before Done, so that a profile never has two.
func (p *Process) Open(ctx context.Context, url string) error {
	if !isPage(url) {
		return errNoPage
	}
	hand, err := p.hand(url)
	if err != nil {
		return err
	}
	defer p.hands.Done()
	defer hand.Close()
	patience := time.NewTimer(handPatience)
	defer patience.Stop()
	select {
	case <-hand.gone:
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
	if !hand.cmd.ProcessState.Success() {
		return ErrNotTaken // as by a headless Chromium
	}
	return nil
}

// hand starts the program that hands a page over. It is one of p.hands.
func (p *Process) hand(url string) (*Process, error) {
	opt := p.opt
	opt.URL, opt.Log = url, nil // the browser may be writing to Log
	args := arguments(opt, p.profile.dir, asRoot())
	if isFirefox(opt.Path) {
		args = firefoxHand(opt, p.profile.dir)
	}
	hand := &Process{opt: opt, profile: p.profile}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return nil, ErrEnded
	}
	if err := hand.launch(args, ""); err != nil {
		return nil, fmt.Errorf("open page: %w", err)
	}
	p.hands.Add(1)
	go func() {
		defer close(hand.done)
		hand.wait()
	}()
	return hand, nil
}

package browser

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"detour/internal/wording"
)

// KeeperConfig says which browser a [Keeper] keeps. All but Others are required.
type KeeperConfig struct {
	Options  Options           // the browser; Path is the first program to try
	Others   []string          // programs to try if that one can't be used, in order
	Requests func() uint64     // rises with every request that comes through the proxy
	Notice   func(text string) // takes what the user should know, a sentence each
	Changed  func(State)       // receives every change of State; must be quick
}

// A Keeper keeps the browser of a run, of which there is one at a time: it starts it,
// starts it again, hands pages over, and reports how it ended. [Keeper.Run] does the
// work; the other methods may be called concurrently.
type Keeper struct {
	cfg     KeeperConfig
	grace   time.Duration // a browser that ends sooner without a request can't be used
	before  uint64        // Requests when it was started
	notices []string      // to give once another browser has started
	pages   chan pageRequest
	state   atomic.Pointer[State]
	quiet   *time.Timer // fires when it is time to look whether an open browser has requested something
	launch  func(context.Context, Options) (*Process, error)
}

// A State says whether the browser is open and, if it isn't, why. The zero value says
// that it is open or being started.
type State struct {
	Status Status
	// Reason is the details, in one line: of a browser that ended, when and why ("after
	// 1.2 s: no display"); of one that didn't start, the error. "": there are none.
	Reason string
	// Err is what its program ended or failed with; nil: it ended in order.
	Err error
	// Unusable says that it ended at once, or couldn't be started.
	Unusable bool
	// Silent says that it is open, was started a while ago (Silence) and has requested
	// nothing since.
	Silent bool
}

// Silence is how long after its start a browser that has requested nothing is Silent. A
// browser opens its page within three seconds; on a busy machine it takes longer.
const Silence = 8 * time.Second

// silencePoll is how often a silent browser is looked at again.
const silencePoll = time.Second

// A Status says whether the browser is open.
type Status int

// The statuses.
const (
	Open       Status = iota // or being started
	Closed                   // by a person
	Ended                    // on its own
	NotStarted               // it could not be started
)

// String is the state as a sentence.
func (s State) String() string {
	switch s.Status {
	case Closed:
		return "the browser was closed; detour is still running"
	case Ended:
		return "the browser ended " + s.Reason
	case NotStarted:
		return s.Reason
	case Open:
	}
	if s.Silent {
		return "the browser started " + wording.Running(Silence) + " ago and has requested nothing through detour"
	}
	return "the browser is open"
}

// startGrace is how soon a browser that has requested nothing can't have been closed by
// a person: it couldn't start, or it handed its page to another one.
const startGrace = 3 * time.Second

// A pageRequest is a page that somebody waits for.
type pageRequest struct {
	ctx    context.Context
	page   string
	result chan<- pageResult // has room for it
}

// A pageResult says what became of a page, and whether a browser was started for it.
type pageResult struct {
	started bool
	err     error
}

// NewKeeper returns a Keeper that hasn't started anything.
func NewKeeper(cfg KeeperConfig) *Keeper {
	k := &Keeper{cfg: cfg, grace: startGrace, pages: make(chan pageRequest), launch: Start}
	k.state.Store(&State{})
	return k
}

// State is the state now.
func (k *Keeper) State() State { return *k.state.Load() }

// Run starts the browser and stays until ctx is done and the browser has ended. If the
// browser is closed, the next page starts it again.
func (k *Keeper) Run(ctx context.Context) {
	k.quiet = time.NewTimer(Silence)
	defer k.quiet.Stop()
	p := k.first(ctx)
	for {
		var ended <-chan struct{}
		if p != nil {
			ended = p.Done()
		}
		select {
		case <-ctx.Done(): // which closes it
			if p != nil {
				<-ended
			}
			return
		case <-ended:
			e := p.Ending()
			p = nil
			if ctx.Err() == nil {
				p = k.after(ctx, e)
			}
		case <-k.quiet.C:
			if p != nil {
				k.listen()
			}
		case r := <-k.pages:
			var result pageResult
			p, result = k.show(ctx, p, r)
			r.result <- result
		}
	}
}

// Open shows a page in the browser, waits for that, and reports whether a browser was
// started for it. It fails if ctx is done or Run has returned.
func (k *Keeper) Open(ctx context.Context, page string) (started bool, err error) {
	result := make(chan pageResult, 1)
	select {
	case k.pages <- pageRequest{ctx, page, result}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	select {
	case r := <-result:
		return r.started, r.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// listen reports whether the browser that is open has requested something by now. It looks
// again until it has.
func (k *Keeper) listen() {
	silent := k.cfg.Requests() == k.before
	if silent != k.State().Silent {
		k.set(State{Silent: silent})
	}
	if silent {
		k.quiet.Reset(silencePoll)
	}
}

// first starts the browser with its first page; nil: no program can be used.
func (k *Keeper) first(ctx context.Context) *Process {
	for {
		p, err := k.start(ctx, k.cfg.Options.URL)
		if err == nil || ctx.Err() != nil {
			return p
		}
		if !k.next(err.Error()) {
			k.giveNotices()
			k.set(State{Status: NotStarted, Reason: err.Error(), Err: err, Unusable: true})
			return nil
		}
	}
}

// after sets the state of a browser that ended, or starts the next program if it can't
// be used.
func (k *Keeper) after(ctx context.Context, e Ending) *Process {
	soon := e.After < k.grace && k.cfg.Requests() == k.before
	if e.Err == nil && !soon {
		k.set(State{Status: Closed})
		return nil
	}
	reason := "after " + wording.Duration(e.After)
	switch {
	case e.Output != "":
		reason += ": " + e.Output
	case e.Err != nil:
		reason += ": " + e.Err.Error()
	}
	if soon && e.Err != nil && k.next(k.program()+" ended "+reason) {
		return k.first(ctx)
	}
	k.set(State{Status: Ended, Reason: reason, Err: e.Err, Unusable: soon})
	return nil
}

// next takes the next program, if there is one, in place of one that failed.
func (k *Keeper) next(failure string) bool {
	if len(k.cfg.Others) == 0 {
		return false
	}
	k.cfg.Options.Path, k.cfg.Others = k.cfg.Others[0], k.cfg.Others[1:]
	k.notices = append(k.notices, failure+"; starting "+k.program()+" instead")
	return true
}

// giveNotices gives the notices that wait. They come after those of how a browser was
// started, since they matter more.
func (k *Keeper) giveNotices() {
	for _, n := range k.notices {
		k.cfg.Notice(n)
	}
	k.notices = nil
}

func (k *Keeper) set(s State) {
	k.state.Store(&s)
	k.cfg.Changed(s)
}

// show shows a page in p or, if there is none or it is just ending, in a browser that
// is started for it.
func (k *Keeper) show(ctx context.Context, p *Process, r pageRequest) (*Process, pageResult) {
	if p != nil {
		err := p.Open(r.ctx, r.page)
		if errors.Is(err, ErrNotTaken) {
			err = fmt.Errorf("%w; open it there yourself", err)
		}
		if !errors.Is(err, ErrEnded) {
			return p, pageResult{err: err}
		}
		<-p.Done() // so that nobody has the profile
	}
	p, err := k.start(ctx, r.page)
	return p, pageResult{err == nil, err}
}

// start starts the browser; a profile that isn't kept is a new one.
func (k *Keeper) start(ctx context.Context, page string) (*Process, error) {
	opt := k.cfg.Options
	opt.URL = page
	k.before = k.cfg.Requests()
	p, err := k.launch(ctx, opt)
	if err != nil {
		return nil, err
	}
	k.quiet.Reset(Silence)
	k.set(State{})
	for _, n := range p.Notes {
		k.cfg.Notice("browser " + n)
	}
	k.giveNotices()
	return p, nil
}

// program is the name of the browser's program; its path may contain a user's name.
func (k *Keeper) program() string { return filepath.Base(k.cfg.Options.Path) }

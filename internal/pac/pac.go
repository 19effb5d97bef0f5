// Package pac evaluates proxy auto-configuration files (PAC): [New] takes a script, and
// [Script.Find] returns the routes that it gives for a URL. The script is foreign code: it
// has no files and no network but the lookups that [Config] gives it, and its time and
// memory are bounded. QuickJS doesn't look for an interrupt everywhere, so an engine that
// doesn't end is left to itself, and there are few of those.
package pac

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxScript = 1 << 20  // bytes; Chromium's limit
	maxMemory = 32 << 20 // bytes of one evaluation
	// maxStack is how deep calls can be, in the engine's frames, of which each takes up to 13 KiB
	// of the goroutine's stack. At 1 GB of stack, Go ends the program.
	maxStack = 4000
	// maxTime is how long an evaluation may take, with its lookups.
	maxTime = 5 * time.Second
	// endTime is how long an evaluation may take to end after an interrupt. One that doesn't is
	// in a function of the engine that looks for none: JSON.stringify, for one.
	endTime = 250 * time.Millisecond
	// maxHanging is how many such evaluations there may be at a time. Each keeps a processor busy.
	maxHanging = 2
	// maxLookups is how many names one evaluation may look up.
	maxLookups = 20
	// maxAnswers is how many answers are remembered.
	maxAnswers = 1000
	// answerTime is how long an answer holds: a script may go by the time of day or by
	// where the machine is.
	answerTime = time.Minute
)

// Config is what a script is given. All fields are required.
type Config struct {
	Script string
	Lookup func(ctx context.Context, host string) []netip.Addr // of all families; nil: it can't be resolved
	Own    func() []netip.Addr                                 // this machine's addresses, the likeliest first
	Now    func() time.Time
}

// A Script is a PAC file. Its methods may be called concurrently: one evaluation runs at a
// time.
type Script struct {
	cfg     Config
	mu      sync.Mutex
	engine  *engine // nil: none is in use
	answers map[string]remembered
	hanging atomic.Int32 // engines that were left to themselves
	endTime time.Duration
}

type remembered struct {
	answer Answer
	until  time.Time
}

// An Answer is what a script returned for a URL.
type Answer struct {
	Routes  []Route  // never empty
	Text    string   // what the script returned, abridged
	Lookups []string // the names that it looked up
}

// ErrLimit means that a script exceeded its time, memory or lookups.
var ErrLimit = errors.New("the PAC file exceeds its limits")

// New reads a script, and runs it up to the definition of FindProxyForURL.
func New(cfg Config) (*Script, error) {
	if len(cfg.Script) > maxScript {
		return nil, fmt.Errorf("%w: it is longer than 1 MiB", ErrLimit)
	}
	s := &Script{cfg: cfg, answers: make(map[string]remembered), endTime: endTime}
	if err := s.start(context.Background()); err != nil {
		return nil, err
	}
	return s, nil
}

// Close ends the script.
func (s *Script) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

// Find returns what the script says of a URL. For https it sees no more than the host, as
// in browsers. The same host has the same answer for a minute.
func (s *Script) Find(ctx context.Context, u *url.URL) (Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil { // while another evaluation ran
		return Answer{}, err
	}
	at := visible(u)
	now := s.cfg.Now()
	if r, ok := s.answers[at]; ok && now.Before(r.until) {
		return r.answer, nil
	}
	if s.engine == nil {
		if err := s.start(ctx); err != nil {
			return Answer{}, err
		}
	}
	text, lookups, err := s.evaluate(ctx, func(e *engine) (string, error) { return e.find(at, u.Hostname()) })
	if err != nil {
		return Answer{Lookups: lookups}, err
	}
	routes, err := Parse(text)
	if err != nil {
		return Answer{Lookups: lookups}, err
	}
	a := Answer{Routes: routes, Text: clip(text), Lookups: lookups}
	if len(s.answers) >= maxAnswers {
		clear(s.answers)
	}
	s.answers[at] = remembered{a, now.Add(answerTime)}
	return a, nil
}

// start makes an engine that runs the script. The lookups of its start count as those of an
// evaluation.
func (s *Script) start(ctx context.Context) error {
	if s.hanging.Load() >= maxHanging {
		return fmt.Errorf("%w: earlier evaluations haven't ended", ErrLimit)
	}
	e, err := newEngine(s.cfg)
	if err != nil {
		return err
	}
	s.engine = e
	_, _, err = s.evaluate(ctx, func(e *engine) (string, error) { return "", e.load(strings.TrimPrefix(s.cfg.Script, "\ufeff")) })
	return err
}

// evaluate runs do on the engine, for at most maxTime and endTime. After an error of the
// engine, it isn't used again: its state may be torn. If ctx is done, that is the reason for any
// error.
func (s *Script) evaluate(ctx context.Context, do func(*engine) (string, error)) (string, []string, error) {
	limited, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	e := s.engine
	run := e.begin(limited, do)
	select {
	case <-run.ended:
	case <-limited.Done():
		if !e.interrupt(run, s.endTime) {
			s.leave(e, run)
			return "", nil, cmp.Or(ctx.Err(), errTime)
		}
	}
	if run.err == nil {
		return run.text, run.lookups, nil
	}
	if !errors.Is(run.err, errNoText) {
		s.stop()
	}
	return "", run.lookups, cmp.Or(ctx.Err(), run.err)
}

// leave leaves an engine to itself, because it doesn't end. It is closed when it does.
func (s *Script) leave(e *engine, run *evaluation) {
	s.engine = nil
	s.hanging.Add(1)
	go func() {
		<-run.ended
		e.close()
		s.hanging.Add(-1)
	}()
}

// stop ends the engine.
func (s *Script) stop() {
	if s.engine != nil {
		s.engine.close()
		s.engine = nil
	}
}

// visible is what the script sees of a URL: neither user nor fragment, and of https neither
// path nor query.
func visible(u *url.URL) string {
	v := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}
	if u.Scheme != "https" && u.Scheme != "wss" {
		v.Path, v.RawPath, v.RawQuery = u.Path, u.RawPath, u.RawQuery
	}
	return v.String()
}

// maxText is how much of a script's texts is shown.
const maxText = 300

func clip(text string) string {
	if len(text) > maxText {
		return strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

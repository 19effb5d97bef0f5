// Package pac evaluates proxy auto-configuration files (PAC): [New] takes a script, and
// [Script.Find] returns the routes that it gives for a URL. The script is foreign code: it
// has no files and no network but the lookups that [Config] gives it, and its time and
// memory are bounded.
package pac

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"modernc.org/quickjs"
)

const (
	maxScript = 1 << 20  // bytes; Chromium's limit
	maxMemory = 32 << 20 // bytes of one evaluation
	// maxStack is how deep calls can be, in the engine's frames, of which each takes up to 13 KiB
	// of the goroutine's stack. At 1 GB of stack, Go ends the program.
	maxStack = 4000
	// maxTime is how long an evaluation may take, with its lookups.
	maxTime = 5 * time.Second
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
	vm      *quickjs.VM // nil: none is in use
	current *evaluation
	answers map[string]remembered
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

// An evaluation is one call of the script.
type evaluation struct {
	ctx     context.Context
	lookups []string
}

// ErrLimit means that a script exceeded its time, memory or lookups.
var ErrLimit = errors.New("the PAC file exceeds its limits")

// New reads a script, and runs it up to the definition of FindProxyForURL.
func New(cfg Config) (*Script, error) {
	if len(cfg.Script) > maxScript {
		return nil, fmt.Errorf("%w: it is longer than 1 MiB", ErrLimit)
	}
	s := &Script{cfg: cfg, answers: make(map[string]remembered)}
	if err := s.start(); err != nil {
		s.stop()
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
	at := visible(u)
	now := s.cfg.Now()
	if r, ok := s.answers[at]; ok && now.Before(r.until) {
		return r.answer, nil
	}
	if s.vm == nil {
		if err := s.start(); err != nil {
			s.stop()
			return Answer{}, err
		}
	}
	limited, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	defer context.AfterFunc(limited, s.vm.Interrupt)()
	s.current = &evaluation{ctx: limited}
	value, err := s.call(at, u.Hostname())
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		s.stop() // its state may be torn
		return Answer{Lookups: s.current.lookups}, err
	}
	text, ok := value.(string)
	if !ok {
		return Answer{Lookups: s.current.lookups}, errors.New("FindProxyForURL returned no text")
	}
	routes, err := Parse(text)
	if err != nil {
		return Answer{Lookups: s.current.lookups}, err
	}
	a := Answer{Routes: routes, Text: clip(text), Lookups: s.current.lookups}
	if len(s.answers) >= maxAnswers {
		clear(s.answers)
	}
	s.answers[at] = remembered{a, now.Add(answerTime)}
	return a, nil
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

// start makes a machine that runs the script. The lookups of its start count as those of
// an evaluation.
func (s *Script) start() error {
	vm, err := quickjs.NewVM()
	if err != nil {
		return err
	}
	s.vm = vm
	vm.SetMemoryLimit(maxMemory)
	vm.SetMaxStackSize(maxStack)
	if err := vm.SetEvalTimeout(maxTime); err != nil {
		return err
	}
	for name, f := range s.helpers() {
		if err := vm.RegisterHostFunc(name, f); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxTime)
	defer cancel()
	s.current = &evaluation{ctx: ctx}
	if err := s.evaluate(strings.TrimPrefix(s.cfg.Script, "\ufeff")); err != nil {
		return err
	}
	kind, err := vm.Eval("typeof FindProxyForURLEx === 'function' || typeof FindProxyForURL === 'function'", quickjs.EvalGlobal)
	if err != nil {
		return s.reason(err)
	}
	if found, _ := kind.(bool); !found {
		return errors.New("it isn't a PAC file: it doesn't define FindProxyForURL")
	}
	return nil
}

func (s *Script) evaluate(code string) error {
	v, err := s.vm.EvalValue(code, quickjs.EvalGlobal)
	if err != nil {
		return s.reason(err)
	}
	v.Free()
	return nil
}

// call calls the script's function: FindProxyForURLEx if it has one, as on Windows.
func (s *Script) call(at, host string) (any, error) {
	name := "FindProxyForURL"
	kind, err := s.vm.Eval("typeof FindProxyForURLEx === 'function'", quickjs.EvalGlobal)
	if err != nil {
		return nil, s.reason(err)
	}
	if ex, _ := kind.(bool); ex {
		name = "FindProxyForURLEx"
	}
	v, err := s.vm.Call(name, at, host)
	if err != nil {
		return nil, s.reason(err)
	}
	if s.current.ctx.Err() != nil {
		return nil, fmt.Errorf("%w: it took longer than 5 s", ErrLimit)
	}
	return v, nil
}

// reason is the error of an evaluation, without the engine's stack. QuickJS has internal
// errors where a script exceeds its memory or stack, and is interrupted where it exceeds
// its time.
func (s *Script) reason(err error) error {
	var thrown *quickjs.Error
	switch {
	case s.current.ctx.Err() != nil:
		return fmt.Errorf("%w: it took longer than 5 s", ErrLimit)
	case errors.As(err, &thrown) && thrown.Name == "InternalError":
		return fmt.Errorf("%w: it used more than 32 MiB, or too deep a recursion", ErrLimit)
	case errors.As(err, &thrown) && thrown.Name != "":
		message, _, _ := strings.Cut(thrown.Message, "\n")
		return fmt.Errorf("the PAC file fails: %s: %s", clip(thrown.Name), clip(message))
	}
	return fmt.Errorf("the PAC file fails: it threw %s", clip(strings.Join(strings.Fields(err.Error()), " ")))
}

// stop ends the machine.
func (s *Script) stop() {
	if s.vm != nil {
		_ = s.vm.Close()
		s.vm = nil
	}
}

// maxText is how much of a script's texts is shown.
const maxText = 300

func clip(text string) string {
	if len(text) > maxText {
		return strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

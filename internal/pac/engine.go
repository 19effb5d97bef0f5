package pac

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"modernc.org/quickjs"
)

// An engine is a machine that runs a script.
type engine struct {
	cfg     Config
	vm      *quickjs.VM
	current *evaluation
}

// An evaluation is one use of an engine, in a goroutine of its own.
type evaluation struct {
	ctx     context.Context //nolint:containedctx // the engine's callbacks can't be given one
	ended   chan struct{}
	text    string // what the script returned; these three once it has ended
	lookups []string
	err     error
}

// errTime is the error of an evaluation that took longer than maxTime.
var errTime = fmt.Errorf("%w: it took longer than 5 s", ErrLimit)

var errNoText = errors.New("FindProxyForURL returned no text")

func newEngine(cfg Config) (*engine, error) {
	vm, err := quickjs.NewVM()
	if err != nil {
		return nil, err
	}
	e := &engine{cfg: cfg, vm: vm}
	vm.SetMemoryLimit(maxMemory)
	vm.SetMaxStackSize(maxStack)
	err = vm.SetEvalTimeout(maxTime)
	for name, f := range e.helpers() {
		err = errors.Join(err, vm.RegisterHostFunc(name, f))
	}
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *engine) close() { _ = e.vm.Close() }

// begin begins to run do.
func (e *engine) begin(ctx context.Context, do func(*engine) (string, error)) *evaluation {
	run := &evaluation{ctx: ctx, ended: make(chan struct{})}
	e.current = run
	go func() {
		defer close(run.ended)
		defer func() {
			if v := recover(); v != nil { // the engine is C that was translated
				run.err = fmt.Errorf("the PAC file fails: the engine panicked: %s", clip(fmt.Sprint(v)))
			}
		}()
		run.text, run.err = do(e)
	}()
	return run
}

// interruptAgain is how long an interrupt is given. QuickJS forgets one that comes between two uses
// of an engine.
const interruptAgain = 10 * time.Millisecond

// interrupt interrupts an evaluation until it ends, for at most d, and reports whether it did.
func (e *engine) interrupt(run *evaluation, d time.Duration) bool {
	for range d / interruptAgain {
		if e.vm.Interrupt(); run.endsWithin(interruptAgain) {
			return true
		}
	}
	return false
}

// endsWithin waits for the end for at most d, and reports whether it came.
func (v *evaluation) endsWithin(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-v.ended:
		return true
	case <-t.C:
		return false
	}
}

// load runs a script, which has to define the function.
func (e *engine) load(script string) error {
	v, err := e.vm.EvalValue(script, quickjs.EvalGlobal)
	if err != nil {
		return e.reason(err)
	}
	v.Free()
	kind, err := e.vm.Eval("typeof FindProxyForURLEx === 'function' || typeof FindProxyForURL === 'function'", quickjs.EvalGlobal)
	if err != nil {
		return e.reason(err)
	}
	if found, _ := kind.(bool); !found {
		return errors.New("it isn't a PAC file: it doesn't define FindProxyForURL")
	}
	return nil
}

// find calls the script's function: FindProxyForURLEx if it has one, as on Windows.
func (e *engine) find(at, host string) (string, error) {
	name := "FindProxyForURL"
	kind, err := e.vm.Eval("typeof FindProxyForURLEx === 'function'", quickjs.EvalGlobal)
	if err != nil {
		return "", e.reason(err)
	}
	if ex, _ := kind.(bool); ex {
		name = "FindProxyForURLEx"
	}
	v, err := e.vm.Call(name, at, host)
	if err != nil {
		return "", e.reason(err)
	}
	if e.current.ctx.Err() != nil {
		return "", errTime
	}
	text, ok := v.(string)
	if !ok {
		return "", errNoText
	}
	return text, nil
}

// reason is the error of an evaluation, without the engine's stack. QuickJS has internal
// errors where a script exceeds its memory or stack, and is interrupted where it exceeds
// its time.
func (e *engine) reason(err error) error {
	var thrown *quickjs.Error
	switch {
	case e.current.ctx.Err() != nil:
		return errTime
	case errors.As(err, &thrown) && thrown.Name == "InternalError":
		return fmt.Errorf("%w: it used more than 32 MiB, or too deep a recursion", ErrLimit)
	case errors.As(err, &thrown) && thrown.Name != "":
		message, _, _ := strings.Cut(thrown.Message, "\n")
		return fmt.Errorf("the PAC file fails: %s: %s", clip(thrown.Name), clip(message))
	}
	return fmt.Errorf("the PAC file fails: it threw %s", clip(strings.Join(strings.Fields(err.Error()), " ")))
}

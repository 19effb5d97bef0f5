package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"detour/internal/flow"
)

// An Error is a connection that could not be made, with the record of the try.
// If the context ended, Err wraps both its error and its cause.
type Error struct {
	Stage flow.Stage // dns, dial or tls
	Info  *flow.Conn
	Err   error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// ErrPlaintext is in the error of a handshake that the server answered in plain HTTP.
var ErrPlaintext = errors.New("the server speaks plain HTTP on this port")

// A silence is what we gave up waiting for, in a time of our own.
type silence struct {
	what  string
	after time.Duration
}

func (s *silence) Error() string { return fmt.Sprintf("%s within %v", s.what, s.after) }

// Timeout makes it a timeout to whoever asks.
func (s *silence) Timeout() bool { return true }

// A raceError is a race without a winner.
type raceError struct {
	authority string
	attempts  []flow.DialAttempt
	errs      []error
}

func (e *raceError) Error() string {
	parts := make([]string, 0, len(e.attempts))
	for _, a := range e.attempts {
		parts = append(parts, fmt.Sprintf("%s: %s (%s)", a.Addr, a.Outcome, a.Err))
	}
	return "dial " + e.authority + ": " + strings.Join(parts, ", ")
}

func (e *raceError) Unwrap() []error { return e.errs }

// lookupError is a lookup without a usable address, or one that was called off.
func lookupError(r *flow.Resolution, end error) error {
	s := "lookup " + r.Name + ": " + string(r.Outcome)
	if r.Outcome == flow.DNSOK && end == nil {
		s = "lookup " + r.Name + ": no address"
	}
	if r.Nameserver.IsValid() {
		s += " from " + r.Nameserver.String()
	}
	if r.Err != "" {
		s += " (" + r.Err + ")"
	}
	if end != nil {
		return fmt.Errorf("%s: %w", s, end)
	}
	return errors.New(s)
}

// ended is why ctx ended, nil if it didn't: its error, and the cause if it was
// given another.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil || errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// outcomeOf classifies the error of a connect. The order matters: the kernel's
// ETIMEDOUT is also a timeout to whoever asks.
func outcomeOf(err error) flow.DialOutcome {
	var errno syscall.Errno
	switch {
	case err == nil:
		return flow.DialConnected
	case errors.Is(err, context.Canceled):
		return flow.DialCanceled
	case errors.As(err, &errno):
		return outcomeOfNumber(errno)
	case isTimeout(err):
		return flow.DialTimeout
	}
	return flow.DialError
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

func isErrno(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno)
}

// words are the system's own, without the address, which the attempt has, and
// with their meaning where they need one.
func words(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		var op *net.OpError
		if errors.As(err, &op) {
			return op.Err.Error()
		}
		return err.Error()
	}
	if m := meaning(errno); m != "" {
		return errno.Error() + " (" + m + ")"
	}
	return errno.Error()
}

// tlsOutcomeOf classifies the error of a handshake.
func tlsOutcomeOf(err error) flow.TLSOutcome {
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		verify  *tls.CertificateVerificationError
		op      *net.OpError
	)
	switch {
	case err == nil:
		return flow.TLSOK
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return flow.TLSExpired
	case errors.As(err, &name):
		return flow.TLSNameMismatch
	case errors.As(err, &verify):
		return flow.TLSUntrusted
	case errors.As(err, &op) && op.Op == "remote error": // crypto/tls's mark of an alert
		return flow.TLSAlert
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), IsReset(err):
		return flow.TLSReset
	case isTimeout(err):
		return flow.TLSTimeout
	}
	return flow.TLSError
}

// IsReset reports whether a connection ended because the other side, or something
// between, reset it.
func IsReset(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && outcomeOfNumber(errno) == flow.DialReset
}

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
	"detour/internal/wording"
)

// An Error is the error of [Dialer.Dial], with the record of what was tried. If the
// context ended, Err wraps both its error and its cause.
type Error struct {
	Stage flow.Stage // flow.StageDNS, StageDial, StageTLS or StageUpstreamProxy
	Info  *flow.Conn // don't modify it
	Err   error
}

// Error returns the message of Err.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// ErrPlaintext is wrapped by the error of a TLS handshake in which the server
// responded with plain HTTP.
var ErrPlaintext = errors.New("the server speaks plain HTTP on this port")

// A timeoutError means that one of the Dialer's own timeouts expired.
type timeoutError struct {
	what  string
	after time.Duration
}

func (e *timeoutError) Error() string { return e.what + " within " + wording.Duration(e.after) }

// Timeout implements the timeout method of net.Error.
func (e *timeoutError) Timeout() bool { return true }

// A raceError is the error of a race in which every attempt failed.
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

// lookupError returns the error of a lookup that found no address, or that was
// canceled with the error end.
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

// contextError returns why ctx ended, or nil if it hasn't: its error, and its cause
// if that is another.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil || errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// outcomeOf classifies the error of a connect. The order matters: ETIMEDOUT also has
// a Timeout method that returns true.
func outcomeOf(err error) flow.DialOutcome {
	var errno syscall.Errno
	switch {
	case err == nil:
		return flow.DialConnected
	case errors.Is(err, context.Canceled):
		return flow.DialCanceled
	case errors.As(err, &errno):
		return outcomeOfErrno(errno)
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

// describeError returns the system's message for err, without the address, which the
// attempt has, and with a hint where the message is ambiguous.
func describeError(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		var op *net.OpError
		if errors.As(err, &op) {
			return op.Err.Error()
		}
		return err.Error()
	}
	if m := errnoHint(errno); m != "" {
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
	case errors.As(err, &op) && op.Op == "remote error": // crypto/tls: an alert was received
		return flow.TLSAlert
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), IsReset(err):
		return flow.TLSReset
	case isTimeout(err):
		return flow.TLSTimeout
	}
	return flow.TLSError
}

// IsSilence reports whether err means that the other side of a connection that was made didn't
// acknowledge what was sent, until the kernel gave up.
func IsSilence(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && outcomeOfErrno(errno) == flow.DialTimeout
}

// IsReset reports whether err means that a connection was reset, by the other side or
// by a device on the path.
func IsReset(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && outcomeOfErrno(errno) == flow.DialReset
}

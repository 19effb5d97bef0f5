package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"detour/internal/flow"
)

// An Error is a connection that could not be made, with the record of the try.
type Error struct {
	Stage flow.Stage // dns, dial or tls
	Info  *flow.Conn
	Err   error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// A resolveError is a lookup without a usable address.
type resolveError struct {
	r     *flow.Resolution
	cause error // why the lookup was called off; nil if it wasn't
}

func (e *resolveError) Error() string {
	s := "lookup " + e.r.Name + ": " + string(e.r.Outcome)
	if e.r.Nameserver.IsValid() {
		s += " from " + e.r.Nameserver.String()
	}
	if e.r.Err != "" {
		s += " (" + e.r.Err + ")"
	}
	return s
}

func (e *resolveError) Unwrap() error { return e.cause }

// errAttemptTimeout is the cause of an attempt that we, not the kernel, gave up.
var errAttemptTimeout = errors.New("connect timeout reached")

// outcomeOf classifies the error of a connect. The order matters: the kernel's
// ETIMEDOUT is also a net.Error with Timeout().
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
	var ne net.Error
	return errors.Is(err, errAttemptTimeout) || errors.Is(err, errHandshakeTimeout) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}

// tlsOutcomeOf classifies the error of a handshake.
func tlsOutcomeOf(err error) flow.TLSOutcome {
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		verify  *tls.CertificateVerificationError
		alert   tls.AlertError
		local   *net.OpError
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
	case errors.As(err, &alert), errors.As(err, &local) && local.Op == "remote error":
		return flow.TLSAlert
	case isTimeout(err):
		return flow.TLSTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), isReset(err):
		return flow.TLSReset
	}
	return flow.TLSError
}

func isReset(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && outcomeOfNumber(errno) == flow.DialReset
}

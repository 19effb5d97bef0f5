package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestOutcomeOf_prefersTheErrorNumberToTheTimeout(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want flow.DialOutcome
	}{
		{nil, flow.DialConnected},
		{errno(connRefused), flow.DialRefused},
		{errno(systemTimeout), flow.DialTimeout},
		{errno(prohibited), flow.DialUnreachable},
		{errno(connReset), flow.DialReset},
		{context.Canceled, flow.DialCanceled},
		{context.DeadlineExceeded, flow.DialTimeout},
		{os.ErrDeadlineExceeded, flow.DialTimeout},
		{&timeoutError{"no response", time.Second}, flow.DialTimeout},
		{fmt.Errorf("%w: %w", context.Canceled, errno(connRefused)), flow.DialCanceled},
		{errors.New("x"), flow.DialError},
	} {
		if got := outcomeOf(tc.err); got != tc.want {
			t.Errorf("%v: got %s, want %s", tc.err, got, tc.want)
		}
	}
}

func TestDescribeError_hasTheSystemsMessageAndAHint(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{errno(connRefused), connRefused.Error()},
		{errno(systemTimeout), systemTimeout.Error() + " (the operating system gave up)"},
		{errno(prohibited), prohibited.Error() + " (" + errnoHint(prohibited) + ")"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("odd")}, "odd"},
		{errors.New("x"), "x"},
	} {
		if got := describeError(tc.err); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

func TestLookupError_hasTheNameAndTheOutcome(t *testing.T) {
	r := &flow.Resolution{Name: "x.example", Outcome: flow.DNSOK}
	if got := lookupError(r, nil).Error(); got != "lookup x.example: no address" {
		t.Errorf("got %q", got)
	}
	r.Outcome, r.Err = flow.DNSServFail, "the nameserver failed to resolve the name"
	err := lookupError(r, context.Canceled)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "servfail (the nameserver failed to resolve the name)") {
		t.Errorf("got %q", err)
	}
}

func TestIsSilence_isWhatTheKernelGaveUpResending(t *testing.T) {
	for e, want := range map[syscall.Errno]bool{systemTimeout: true, connRefused: false} {
		if got := IsSilence(fmt.Errorf("read: %w", errno(e))); got != want {
			t.Errorf("%v: %v", e, got)
		}
	}
	if IsSilence(&timeoutError{"no response", time.Second}) {
		t.Error("a timeout of the Dialer's isn't the kernel's")
	}
}

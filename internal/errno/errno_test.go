package errno

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
)

// The system's own errors, not simulated ones: these are the numbers that it really returns.
func TestErrno_recognisesWhatTheSystemReturns(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := taken.Addr().String()
	inUse := listen(t, addr)
	missing := listen(t, "192.0.2.1:0") // RFC 5737: no machine has it
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	var d net.Dialer
	c, refused := d.DialContext(t.Context(), "tcp", addr)
	if refused == nil {
		c.Close()
	}
	for name, tc := range map[string]struct {
		err error
		is  func(error) bool
	}{
		"a port that is taken":       {inUse, IsAddrInUse},
		"another machine's address":  {missing, IsAddrMissing},
		"nothing listens there":      {refused, IsRefused},
		"a pipe that nobody reads":   {writeToNobody(t), IsReaderGone},
		"what a simulation has":      {&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", Forbidden)}, IsPortForbidden},
		"a full disk, as a file has": {&os.PathError{Op: "write", Path: "x", Err: DiskFull}, IsDiskFull},
	} {
		if tc.err == nil || !tc.is(fmt.Errorf("wrapped: %w", tc.err)) {
			t.Errorf("%s: %#v isn't recognised", name, tc.err)
		}
		if tc.is(nil) || tc.is(errors.New("another")) || tc.is(context.Canceled) || tc.is(TimedOut) {
			t.Errorf("%s: so is another error", name)
		}
	}
}

// listen is the error of a listener, which is closed at the end of the test if there is one.
func listen(t *testing.T, addr string) error {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err == nil {
		t.Cleanup(func() { l.Close() })
	}
	return err
}

// writeToNobody is the error of a write to a pipe without a reader.
func writeToNobody(t *testing.T) error {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer w.Close()
	_, err = w.WriteString("x")
	return err
}

package usererr

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"

	"detour/internal/errno"
)

func TestListenHint_saysWhyAPortCantBeHad(t *testing.T) {
	for want, err := range map[string]error{
		"another program uses that port": errno.AddrInUse,
		"port":                           errno.Forbidden, // in words that depend on the system
		"":                               errno.AddrNotAvail,
	} {
		err = &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", err)}
		if got := ListenHint(err); !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	if got := ListenHint(context.Canceled); got != "" {
		t.Errorf("of another error: %q", got)
	}
}

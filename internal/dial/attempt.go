package dial

import (
	"net/netip"
	"time"

	"detour/internal/flow"
	"detour/internal/shortage"
)

// observe records the state of an attempt: its local address with the interface, if the
// address is known, and what the kernel reports, if it does.
func (d *Dialer) observe(a *flow.DialAttempt, local netip.AddrPort, k *flow.KernelTCP) {
	if local.IsValid() && local != a.Local {
		a.Local = local
		a.Interface, a.Kind = d.interfaces.lookup(local.Addr())
	}
	if k != nil {
		a.Kernel = k
	}
}

// end records how an attempt ended; nil: it connected.
func end(a *flow.DialAttempt, at time.Time, err error) {
	a.Took, a.Outcome = max(1, at.Sub(a.Start)), outcomeOf(err)
	if err == nil {
		return
	}
	a.Err = describeError(err)
	if a.Shortage = shortage.Connecting(err, a.Addr.Addr().Unmap().Is4()); a.Shortage != "" {
		a.Outcome, a.Err = flow.DialError, a.Err+" ("+a.Shortage.Sentence()+")"
	}
}

package alias

import (
	"net/netip"

	"detour/internal/flow"
)

// Learn names the addresses of a flow that aren't public, and the machine's own, in the order
// of the record.
func (t Texts) Learn(f *flow.Flow) {
	if t.names == nil {
		return
	}
	t.learnConn(f.Conn)
	for _, c := range f.Unused {
		t.learnConn(c)
	}
	for i := range f.Later {
		t.learn(f.Later[i].Addr.Addr())
	}
}

func (t Texts) learnConn(c *flow.Conn) {
	if c == nil {
		return
	}
	for _, all := range [][]flow.DialAttempt{c.Attempts, c.Elsewhere} {
		for i := range all { // before what else has them
			if a := all[i].Local.Addr(); a.IsValid() && !a.IsLoopback() && !a.IsUnspecified() {
				t.names.address(Client, t.original(a))
			}
		}
	}
	if c.Via != nil {
		t.learnResolution(c.Via.Resolution)
	}
	t.learnResolution(c.Resolution)
	for _, all := range [][]flow.DialAttempt{c.Elsewhere, c.Attempts} {
		for i := range all {
			t.learn(all[i].Addr.Addr())
		}
	}
}

func (t Texts) learnResolution(r *flow.Resolution) {
	if r == nil {
		return
	}
	t.learn(r.Nameserver.Addr())
	for _, a := range r.Addrs {
		t.learn(a)
	}
	for _, ref := range append([]*flow.Reference{r.Reference, r.Wire}, r.Each...) {
		if ref != nil {
			for _, a := range ref.Addrs {
				t.learn(a)
			}
		}
	}
}

// learn names an address that a strict record has a stand-in for.
func (t Texts) learn(a netip.Addr) {
	if isReplaced(a) && !t.servers {
		t.names.Address(t.original(a))
	}
}

// isReplaced reports whether strict records have a stand-in for an address, wherever it is.
func isReplaced(a netip.Addr) bool {
	scope := flow.ScopeOf(a)
	return a.IsValid() && (scope.InVPC() || scope == flow.ScopeLinkLocal && a.Unmap().Is6())
}

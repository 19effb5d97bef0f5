// Package hosting lets others watch what a command shows: it gives [host.Host] the live page, and
// the table its :share.
package hosting

import (
	"errors"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"detour/internal/errno"
	"detour/internal/flow"
	"detour/internal/manualsetup"
	"detour/internal/share"
	"detour/internal/share/host"
	"detour/internal/usererr"
	"detour/ui"
	"detour/ui/sharing"
	"detour/ui/table"
	"detour/ui/web"
)

// A Hosting is what a command shares, once it has begun. Its methods may be called concurrently.
type Hosting struct {
	opt  Options
	host atomic.Pointer[host.Host] // nil: it hasn't begun
}

// New returns a Hosting that hasn't begun. The options have been checked.
func New(opt Options) *Hosting { return &Hosting{opt: opt} }

// Begin makes it possible to watch what cfg says. names are AWS's own, and facts those of the
// table's head, which is called often.
func (h *Hosting) Begin(cfg share.Config, names ui.AWSNames, facts func() []ui.Fact) {
	cfg.Facts = func() (out []share.Fact) {
		for _, f := range facts() {
			out = append(out, share.Fact(f))
		}
		return out
	}
	h.host.Store(host.New(cfg, web.New(web.Options{
		Zone: time.Local, Domains: table.NewDomains(names.Domains), Names: cfg.Strict.Texts().Text,
	})))
}

// End tells those who watch why nothing more comes, and closes everything.
func (h *Hosting) End(why string) {
	if x := h.host.Load(); x != nil {
		x.End(why)
	}
}

// ServeSocket lets programs of this user watch, through a socket at path.
func (h *Hosting) ServeSocket(path string) error { return h.host.Load().ServeSocket(path) }

// Addr is where others can watch by the link; the zero value: nowhere.
func (h *Hosting) Addr() netip.AddrPort { return h.host.Load().State().Addr }

// Changes rises with what the table's head says of watchers.
func (h *Hosting) Changes() uint64 {
	if x := h.host.Load(); x != nil {
		return x.Changes()
	}
	return 0
}

// Selected tells those who watch which flow is selected in the table, after Begin; 0: none is.
func (h *Hosting) Selected(id flow.ID) { h.host.Load().SetCursor(id) }

// Actions are the table's, after Begin.
func (h *Hosting) Actions() sharing.Actions {
	x := h.host.Load()
	return sharing.Actions{
		Start: h.Link,
		Stop:  func() bool { return x.Stop("the host has stopped sharing") },
		State: func() sharing.State {
			s := sharing.State{Watching: x.Watching()}
			if now := x.State(); now.Addr.IsValid() {
				s.Addr, s.Beyond, s.Until = now.Addr.String(), now.Beyond, now.Until
			}
			return s
		},
	}
}

// Link shares it, after Begin.
func (h *Hosting) Link() (sharing.Link, error) {
	opt, err := h.opt.serve()
	if err != nil {
		return sharing.Link{}, err
	}
	x := h.host.Load()
	l, err := x.Share(opt)
	if err != nil {
		return sharing.Link{}, cantShare(opt.Addr, err)
	}
	return sharing.Link{
		URL: l.String(), Addr: l.Addr, Fingerprint: l.Fingerprint, Until: x.State().Until,
		Forward: manualsetup.SSHForward(os.Getenv, l.Addr),
	}, nil
}

// ShowLink shares it if --share asks for that, and has the link shown.
func (h *Hosting) ShowLink(show func(sharing.Link) error) error {
	if !h.opt.Share {
		return nil
	}
	l, err := h.Link()
	if err != nil {
		return err
	}
	return show(l)
}

// cantShare says why a listener can't be opened.
func cantShare(addr netip.AddrPort, err error) error {
	hint := usererr.ListenHint(err)
	switch {
	case hint != "":
		hint += "; port 0 picks any free one"
	case errno.IsAddrMissing(err):
		hint = "this machine has " + ownAddresses()
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return usererr.Failf(hint, "can't share on %s: %w", addr, err)
}

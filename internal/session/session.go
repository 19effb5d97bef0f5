// Package session runs a proxy together with the capture of its traffic, the judge that
// looks for findings and, optionally, the capture's file, a browser, and flow records as
// JSON Lines. [New] builds a session up to the open port, [Session.Run] serves it. It knows
// no command line and no screen: what a command adds is in [Config].
package session

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"detour/internal/alias"
	"detour/internal/aws"
	"detour/internal/browser"
	"detour/internal/capture"
	"detour/internal/capture/disk"
	"detour/internal/decrypt"
	"detour/internal/diagnose"
	"detour/internal/dial"
	"detour/internal/fault"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/instances"
	"detour/internal/intake"
	"detour/internal/peeruser"
	"detour/proxy"
)

// Config is what a session is made of. Tables, Network.Resolver, Decrypt, Listener and
// Log are required.
type Config struct {
	Version  string // of detour, as detour version prints it: "v1.2.3", "(devel)"
	Tables   *aws.Tables
	Network  Network
	Decrypt  *decrypt.Policy
	Listener net.Listener // the proxy's; the session closes it
	// Simulated describes a simulated machine, as the demo's; nil: the session is on this machine.
	// The session writes to it.
	Simulated *flow.Environment
	AnyUser   bool           // whether programs of other users of this machine may use the proxy
	Account   intake.Account // proves the findings; see also SetAccount
	Storage   Storage
	Browser   *Browser // nil: none is started
	Records   *Records // nil: none are written
	RunsDir   string   // where other programs find the run; "": nowhere
	Log       *slog.Logger

	Notices []string                              // to give when the session begins
	Notice  func(text string)                     // takes each notice, a sentence; nil: they are in the log alone
	Ready   func(*Session)                        // called once the proxy accepts connections; may be nil
	Screen  func(context.Context, *Session) error // shows the session until it is closed, which ends the session; nil: there is none
	Work    func(context.Context, *Session)       // runs in the background; nil: nothing does
	Ends    bool                                  // whether the end of Work ends the session, if there is no screen
}

// Storage says what is stored of the traffic, and where.
type Storage struct {
	// Create creates the capture's file; nil: there is none. An error with a hint ends
	// New; another one is a notice, and the session goes on without a file.
	Create func(began time.Time, h disk.Header) (*disk.File, error)
	// Discard removes the file at the end if there is no flow in it.
	Discard             bool
	Bodies              Bodies
	Strict, KeepSecrets bool // as for intake.Config
	// Nameservers and Flags are what the file says of the run, as it is: the session
	// redacts them.
	Nameservers, Flags []string
}

// Browser is the browser that a session keeps.
type Browser struct {
	Options browser.Options     // the session sets ProxyURL, SPKI, Roots and Log
	Others  []string            // programs to try if Options.Path can't be used
	Log     bool                // whether its output goes to the session's log
	Changed func(browser.State) // receives every change of its state; may be nil
}

// Records says which flow records are written as JSON Lines, and where to. The session
// ends when they can't be written any more.
type Records struct {
	To   io.Writer
	All  bool // every revision of a flow, not just the final one
	Keep filter.Filter
}

// A Session is a run. Its methods may be called concurrently; Run is called once.
type Session struct {
	cfg         Config
	began       time.Time
	intake      *intake.Intake
	store       *capture.Store
	names       alias.Table // of what is masked
	lookups     lookups
	dialer      *dial.Dialer
	proxy       *proxy.Proxy
	passthrough *decrypt.Passthrough
	recording   recording
	keeper      *browser.Keeper // nil: there is none
	notices     notices
	faults      *fault.Guard
	tracker     diagnose.Tracker // used by one goroutine at a time
	prover      intake.Prover    // as tracker
	account     atomic.Pointer[intake.Account]
	gone        atomic.Pointer[[]*flow.Flow] // flows of findings that the store lacks
	strict      func() *intake.Strict
	guard       *peeruser.Guard                       // nil: connections of every user are served
	shared      atomic.Pointer[func() netip.AddrPort] // where others watch the run; nil: nowhere
	announced   instances.Run                         // set before Ready, Screen and Work
}

// New builds a session up to the open port. It closes Listener if it fails. The error
// is the one of Storage.Create.
func New(ctx context.Context, cfg Config) (*Session, error) {
	s := &Session{cfg: cfg, began: time.Now(), passthrough: decrypt.NewPassthrough(cfg.Decrypt.Except)}
	s.faults = fault.NewGuard(cfg.Log, s.Notice)
	s.lookups = newLookups(cfg.Network, cfg.Tables.IsAWS, func(now *flow.Resolution) {
		s.proxy.CloseIdle()
		s.Notice("the DNS answer for " + now.Name + " has changed: idle connections are closed")
	}, s.faults)
	s.SetAccount(cfg.Account)
	s.strict = sync.OnceValue(func() *intake.Strict { return intake.NewStrict(&s.names) })
	s.intake = intake.New(s.intakeConfig())
	s.store = capture.New(capture.Options{Intake: s.intake})
	dialing := cfg.Network.dialer(s.lookups.resolver, cfg.Tables.IsAWS, s.store.Learn)
	dialing.Refuse, dialing.Faults = s.refuseShared, s.faults
	s.dialer = dial.New(dialing)
	s.proxy = proxy.New(proxy.Config{
		Dialer: s.dialer, Sink: s.store, Intercept: s.Decrypts, Leaf: cfg.Decrypt.Leaf, Landing: s.landing(), Log: cfg.Log, Bodies: s.reads,
		Notice: s.Notice, Own: s.isShared,
	})
	if cfg.Browser != nil {
		s.keeper = s.newKeeper()
	}
	if err := s.record(ctx); err != nil {
		_ = cfg.Listener.Close()
		return nil, err
	}
	if !cfg.AnyUser {
		s.keepOthersOut()
	}
	return s, nil
}

func (s *Session) intakeConfig() intake.Config {
	cfg := intake.Config{
		Tables: s.cfg.Tables, Strict: s.cfg.Storage.Strict, KeepSecrets: s.cfg.Storage.KeepSecrets, KeepBodies: s.cfg.Storage.Bodies.keeps,
		Conn: s.lookups.annotate,
	}
	if load := s.cfg.Network.Ranges; load != nil {
		cfg.Ranges = intake.InBackground(load, func(err error) { s.cfg.Log.Error("ranges", "error", err) })
	}
	return cfg
}

// reads is how much of a body is read: what names its call, or all that may be stored.
func (s *Session) reads(f *flow.Flow) int {
	if s.cfg.Storage.Bodies == AllBodies && f.Request.Method != "CONNECT" {
		return maxBody
	}
	return s.cfg.Tables.Reads(f)
}

// newKeeper returns the keeper of the session's browser.
func (s *Session) newKeeper() *browser.Keeper {
	opt := s.cfg.Browser.Options
	opt.ProxyURL, opt.SPKI, opt.Roots = s.URL(), s.cfg.Decrypt.SPKI(), s.cfg.Decrypt.RootsPEM()
	if s.cfg.Browser.Log {
		opt.Log = browser.LogTo(s.cfg.Log, s.intake.Text, s.faults)
	}
	return browser.NewKeeper(browser.KeeperConfig{
		Options: opt, Others: s.cfg.Browser.Others, Requests: s.store.Version, Notice: s.Notice,
		Changed: func(state browser.State) {
			s.cfg.Log.Info(state.String())
			s.notices.changed.Add(1)
			if s.cfg.Browser.Changed != nil {
				s.cfg.Browser.Changed(state)
			}
		},
	})
}

// Addr is the proxy's address, as host:port.
func (s *Session) Addr() string { return s.cfg.Listener.Addr().String() }

// URL is what a client sets as its proxy.
func (s *Session) URL() string { return "http://" + s.Addr() }

// Faults guards what runs beside the proxy.
func (s *Session) Faults() *fault.Guard { return s.faults }

// Store is the capture.
func (s *Session) Store() *capture.Store { return s.store }

// Browser is the keeper of the session's browser; nil if it has none.
func (s *Session) Browser() *browser.Keeper { return s.keeper }

// Passthrough is the list of hosts that are not decrypted for now.
func (s *Session) Passthrough() *decrypt.Passthrough { return s.passthrough }

// Decrypt is what the session decrypts, but for Passthrough.
func (s *Session) Decrypt() *decrypt.Policy { return s.cfg.Decrypt }

// Decrypts reports whether the next connection to a host is decrypted.
func (s *Session) Decrypts(host string) bool {
	return s.cfg.Decrypt.Decrypts(host) && !s.passthrough.Has(host)
}

// Names are the run's names for what is masked.
func (s *Session) Names() *alias.Table { return &s.names }

// Text takes secrets out of text that may quote anything.
func (s *Session) Text(text string) string { return s.intake.Text(text) }

// About is what is known of the session but the flows and the findings.
func (s *Session) About() flow.Capture {
	c := flow.Capture{
		Creator: s.creator(), Steps: s.store.Steps(), Checks: s.store.Checks(),
		Redacted: maps.Clone(s.intake.Redacted()), RawSecrets: s.cfg.Storage.KeepSecrets,
		Omitted: flow.Omitted{Flows: s.store.Stats().Evicted}, Environment: s.recording.environment, Strict: s.cfg.Storage.Strict,
	}
	if c.Strict {
		c.Names = s.names.Texts(nil)
	}
	if f := s.recording.file; f != nil {
		c.File = f.Path
	}
	return c
}

func (s *Session) creator() string { return "detour " + s.cfg.Version }

// Version rises with every change of the capture, of the browser's state and of the
// last notice.
func (s *Session) Version() uint64 { return s.store.Version() + s.notices.changed.Load() }

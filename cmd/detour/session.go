package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/aws"
	"detour/internal/capture"
	"detour/internal/capture/disk"
	"detour/internal/decrypt"
	"detour/internal/diagnose"
	"detour/internal/dial"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/landing"
	"detour/internal/machine"
	"detour/internal/resolve"
	"detour/proxy"
)

// drainTime is how long exchanges under way may go on after a run was ended.
const drainTime = 500 * time.Millisecond

// watchEvery is how soon a change of the network is noticed.
const watchEvery = 2 * time.Second

// A session is a proxy with its capture and whoever looks at it.
type session struct {
	opt      *runOptions
	keep     filter.Filter // what is written to stdout, and shown at first
	stdout   io.Writer
	stderr   io.Writer
	log      *slog.Logger
	tables   *aws.Tables
	decrypt  *decrypt.Policy
	began    time.Time
	passed   *decrypt.Passthrough
	intake   *intake.Intake
	file     *disk.File // the capture's; nil: there is none
	recorder *disk.Recorder
	store    *capture.Store
	memory   *resolve.Memory
	opinions []*resolve.SecondOpinion
	dialer   *dial.Dialer
	proxy    *proxy.Proxy
	listen   net.Listener
	again    again
	said     *atomic.Pointer[string] // what was said last
	headNews *atomic.Uint64          // rises with what the table's head says
	badge    string                  // what kind of run it is, for the screen
	browser  string                  // the program's path; "": none is started
	window   *window                 // that of browser; nil: there is none
	noWindow string                  // why there is none
	hint     []string                // what to do while the table is empty
}

// network is where a session's connections go.
type network struct {
	resolver   dial.Resolver
	reference  *resolve.Reference // nil: none
	wire       *resolve.Reference // the nameserver that the system would ask; nil: none is known
	explain    bool               // whether wire explains what the system's resolver says
	ranges     func() (*aws.Ranges, error)
	askLosers  bool         // whether private addresses that lost a race are asked again
	connect    dial.Connect // nil: the system's
	timeout    time.Duration
	rootCAs    *x509.CertPool
	clientCert *tls.Certificate                           // nil: none
	via        func(scheme, authority string) *dial.Proxy // nil: no upstream proxy
}

// opinions returns next with the second opinions on its lookups.
func (n *network) opinions(next dial.Resolver, concerns func(host string) bool) (all []*resolve.SecondOpinion) {
	add := func(a resolve.Asker, as resolve.Annotation) {
		o := resolve.NewSecondOpinion(next, a, concerns, as)
		next, all = o, append(all, o)
	}
	if n.reference != nil {
		add(n.reference, resolve.AsReference)
	}
	if n.wire != nil && n.explain {
		add(n.wire, resolve.AsWire)
	} else if n.wire != nil {
		add(n.wire.HTTPSOnly(), resolve.AsHTTPS)
	}
	return all
}

// begin checks the flags and returns what every session starts from, and what to
// call at its end.
func (o *runOptions) begin(c *cobra.Command) (s session, end func(), err error) {
	if err := o.check(); err != nil {
		return s, nil, err
	}
	keep, err := parseFilter(o.filter)
	if err != nil {
		return s, nil, err
	}
	log, closer, err := o.logger()
	if err != nil {
		return s, nil, err
	}
	tables, err := o.tables()
	if err != nil {
		_ = closer.Close()
		return s, nil, err
	}
	s = session{opt: o, keep: keep, stdout: c.OutOrStdout(), stderr: c.ErrOrStderr(), log: log, tables: tables}
	return s, func() { _ = closer.Close() }, nil
}

// newSession builds everything up to the open port, bottom-up.
func newSession(s session, n network) *session {
	s.said, s.headNews = &atomic.Pointer[string]{}, &atomic.Uint64{}
	s.began = time.Now()
	s.again = newAgain(&s, n)
	s.passed = decrypt.NewPassthrough(s.decrypt.Except)
	s.memory = resolve.NewMemory(n.resolver, func(now *flow.Resolution) {
		s.proxy.CloseIdle()
		s.say(fmt.Sprintf("%s has another answer than before: connections that were idle are closed", now.Name))
	})
	n.resolver = s.memory
	var adds []func(*flow.Conn) *flow.Conn
	s.opinions = n.opinions(n.resolver, s.tables.IsAWS)
	for _, o := range s.opinions {
		n.resolver, adds = o, append(adds, o.Annotate)
	}
	s.intake = intake.New(s.intakeConfig(n, adds))
	s.store = capture.New(capture.Options{Intake: s.intake})
	s.dialer = dial.New(dial.Config{
		AskLoser: func(host string, a netip.Addr) bool {
			return n.askLosers && flow.ScopeOf(a).InVPC() && s.tables.IsAWS(host)
		},
		Late:     s.store.Amend,
		Resolver: n.resolver, Connect: n.connect, Timeout: n.timeout, RootCAs: n.rootCAs, Via: n.via, ClientCert: n.clientCert,
	})
	s.proxy = proxy.New(proxy.Config{
		Dialer: s.dialer,
		Sink:   s.store, Intercept: s.decrypts, Leaf: s.decrypt.Leaf, Landing: s.landing(), Log: s.log, Bodies: s.reads,
	})
	return &s
}

// intakeConfig is how the session's flows are taken in. adds add to what is known of
// a connection.
func (s *session) intakeConfig(n network, adds []func(*flow.Conn) *flow.Conn) intake.Config {
	cfg := intake.Config{
		Tables: s.tables, Strict: s.opt.privacy == "strict", KeepSecrets: s.opt.keepSecrets, KeepBodies: s.opt.keeps,
		Conn: func(c *flow.Conn) *flow.Conn {
			for _, add := range adds {
				c = add(c)
			}
			return c
		},
	}
	if n.ranges != nil {
		cfg.Ranges = intake.InBackground(n.ranges, func(err error) { s.log.Error("ranges", "error", err) })
	}
	return cfg
}

// reads is how much of a body is wanted: as much as names its call, or all that may
// be kept.
func (s *session) reads(f *flow.Flow) int {
	if s.opt.bodies == "all" && f.Request.Method != "CONNECT" {
		return 64 << 10
	}
	return s.tables.Reads(f)
}

// decrypts reports whether a host's connections are decrypted now.
func (s *session) decrypts(host string) bool { return s.decrypt.Decrypts(host) && !s.passed.Has(host) }

// landing is the page at the proxy's own address.
func (s *session) landing() http.Handler {
	run := landing.Run{
		Addr: s.listen.Addr().String(), Began: s.began, SPKI: s.decrypt.SPKI(), InMemory: s.decrypt.InMemory(), Warning: s.decrypt.Warning(),
		AllHosts: s.decrypt.All, Domains: slices.Concat(s.tables.Suffixes(), s.decrypt.Extra),
		State: func() landing.State {
			st := s.store.Stats()
			return landing.State{Flows: st.Flows, Pending: st.Pending, Evicted: st.Evicted, Passthrough: s.passed.Hosts()}
		},
	}
	if v := version(); !strings.HasPrefix(v, "(") { // a build that has none
		run.Version = v
	}
	for _, ca := range s.decrypt.CAs {
		run.Roots = append(run.Roots, landing.Root{PEM: ca.RootPEM(), Fingerprint: ca.RootFingerprint(), Domains: ca.Permitted(), NotAfter: ca.NotAfter()})
	}
	return landing.Handler(run)
}

// url is what a client has to use as its proxy.
func (s *session) url() string { return "http://" + s.listen.Addr().String() }

// serve runs the session until ctx is done, its screen is quit, or nobody reads
// its output any more. during is called with everything up; when it returns true
// the session ends by itself.
func (s *session) serve(ctx context.Context, during func(ctx context.Context) (end bool)) error {
	if s.opt.ui == "tui" {
		if err := canShow(s.stdout, withoutTable); err != nil {
			_ = s.listen.Close()
			return err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var back, writer sync.WaitGroup
	served := make(chan error, 1)
	go func() { served <- s.proxy.Serve(s.listen) }()
	jctx, stopJudge := context.WithCancel(context.Background())
	back.Go(func() { judge(jctx, s.store) })
	back.Go(func() {
		machine.Watch(jctx, watchEvery, machine.ReadConnectivity, func(what string) {
			s.memory.Forget()
			s.proxy.CloseIdle()
			s.say("the network has changed (" + what + "): connections that were idle are closed")
		})
	})
	var sub *capture.Subscription
	if s.opt.json != "" {
		sub = s.store.Subscribe(s.opt.json == "all")
		writer.Go(func() {
			if err := writeRecords(context.Background(), s.stdout, sub, s.keep, s.opt.keepSecrets); err != nil {
				s.log.Debug("stdout", "error", err)
				cancel() // whoever read it has gone
			}
		})
	}
	if s.opt.ui == "none" {
		fmt.Fprintf(s.stderr, "detour: proxy=%s ca=%s capture=%s\n", s.url(), cmp.Or(s.decrypt.Path(), "none"), s.capturePath())
	}
	back.Go(func() {
		if during(ctx) && s.opt.ui == "none" {
			cancel()
		}
	})
	var err error
	if s.opt.ui == "tui" {
		err = notShown(s.show(ctx), withoutTable)
		cancel()
	}
	<-ctx.Done()
	drain, stop := context.WithTimeout(context.Background(), drainTime)
	defer stop()
	if serr := s.proxy.Shutdown(drain); serr != nil && !errors.Is(serr, context.DeadlineExceeded) {
		s.log.Debug("shutdown", "error", serr)
	}
	s.dialer.Close()
	stopJudge()
	back.Wait()
	for _, o := range s.opinions {
		o.Close()
	}
	dropped := 0
	if sub != nil {
		sub.Close()
		writer.Wait()
		dropped = sub.Dropped()
	}
	judgeOnce(s.store)
	s.closeCapture()
	s.conclude(dropped)
	return errors.Join(err, <-served)
}

// withoutTable is what to do in place of the table.
const withoutTable = "use --ui none, with --json for records on stdout"

// conclude says what was found, where no screen has said it.
func (s *session) conclude(dropped int) {
	if dropped > 0 {
		fmt.Fprintf(s.stderr, "detour: stdout was too slow: %d records were dropped\n", dropped)
	}
	if s.opt.ui == "tui" {
		if s.file != nil {
			fmt.Fprintf(s.stderr, "detour: this run is kept: detour open %s\ndetour: for a ticket: detour export %s -o ticket.html\n", s.file.Path, s.file.Path)
		}
		return
	}
	for _, f := range s.store.Findings() {
		fmt.Fprint(s.stderr, diagnose.Text(f))
	}
}

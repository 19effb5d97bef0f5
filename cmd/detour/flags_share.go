package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"detour/internal/hosting"
	"detour/internal/session"
	"detour/ui"
	"detour/ui/sharing"
)

// registerSharing registers the flags of sharing.
func registerSharing(f *pflag.FlagSet, o *hosting.Options) {
	f.BoolVar(&o.Share, "share", false, "show a link with which others can watch, but change nothing; see detour help sharing")
	f.DurationVar(&o.During, "share-for", 0, "end sharing after this `time`, such as 30m (default: when detour ends)")
	f.StringVar(&o.Listen, "share-listen", hosting.DefaultListen,
		"`address` at which others watch; one that isn't loopback lets the network in, over TLS")
}

// watchable returns what lets others watch a run once the proxy accepts connections, after then.
// Without a table, stderr gets the link of --share; quit ends a run that can't be shared.
func (t liveTable) watchable(stderr io.Writer, then func(*session.Session), quit context.CancelCauseFunc) func(*session.Session) {
	return func(s *session.Session) {
		if then != nil {
			then(s)
		}
		cfg := s.Shared()
		cfg.Title, cfg.Badge = "run of "+time.Now().Format("2006-01-02 15:04"), t.badge
		t.hosting.Begin(cfg, awsNames(t.tables), func() []ui.Fact { return t.facts(s) })
		s.SetShared(t.hosting.Addr)
		if run := s.Announced(); run.Dir != "" {
			if err := t.hosting.ServeSocket(run.Socket()); err != nil {
				s.Notice("detour attach can't watch this run: " + cause(err).Error())
			}
		}
		if t.opt.ui == "tui" { // the table shows the link
			return
		}
		err := t.hosting.ShowLink(func(l sharing.Link) error {
			if onTerminal(stderr) {
				_, _ = fmt.Fprint(stderr, sharing.QR(l.URL))
			}
			_, err := fmt.Fprint(stderr, l.Words())
			return err
		})
		if err != nil {
			quit(err)
		}
	}
}
